import { brand } from '@greenlit/core/engine'

/** A dict has no such key (Python: KeyError). */
export class KeyError extends RangeError {
  static {
    brand(KeyError, 'KeyError')
  }
  readonly code: string = 'KEY_ERROR'
}
