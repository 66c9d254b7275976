import { branded } from '@greenlit/core/engine'

/**
 * A dict or a selector has no such key, or a selector has it already (Python: KeyError).
 *
 * @example
 * const score = yield* attempt(scores.pop('ada'))
 * if (!score.ok && score.error instanceof KeyError) console.log('no score yet')
 */
export class KeyError extends /* @__PURE__ */ branded('KeyError', RangeError) {
  readonly code: string = 'KEY_ERROR'
}
