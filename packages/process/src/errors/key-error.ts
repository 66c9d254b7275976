import { brand } from '@greenlit/core/engine'

/** A dict or a selector has no such key (Python: KeyError). */
export class KeyError extends RangeError {
  static {
    brand(KeyError, 'KeyError')
  }
  readonly code: string = 'KEY_ERROR'
}
