import { branded } from '@greenlit/core/engine'

/** A dict or a selector has no such key (Python: KeyError). */
export class KeyError extends /* @__PURE__ */ branded('KeyError', RangeError) {
  readonly code: string = 'KEY_ERROR'
}
