import { brand } from '@greenlit/core/engine'

/** Something is not registered, or is so already (Python: KeyError). */
export class KeyError extends Error {
  static {
    brand(KeyError, 'KeyError')
  }
  readonly code: string = 'KEY'
}
