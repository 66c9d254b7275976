import { alsoKnownAs, branded } from '@greenlit/core/engine'
import { detailed, type RequestErrorOptions } from './error-details.ts'

/** Options of `JSONDecodeError`. */
export interface JSONDecodeErrorOptions extends RequestErrorOptions {
  /** The text that was to be parsed. */
  readonly text?: string | undefined
  /** Where the text stops being valid JSON, in characters from 0. */
  readonly position?: number | undefined
}

/**
 * The body is not valid JSON. The parser's error is the `cause` (requests: JSONDecodeError). The message says where parsing failed and
 * quotes nothing of the body. Both an `InvalidJSONError` and a `RangeError`, as that of requests is also a `ValueError`.
 *
 * @example
 * const page = yield* get(url)
 * try {
 *   console.log(page.json())
 * } catch (error) {
 *   if (error instanceof JSONDecodeError) console.log('not JSON:', page.text.slice(0, 80))
 * }
 */
export class JSONDecodeError extends /* @__PURE__ */ alsoKnownAs(
  /* @__PURE__ */ branded('http.JSONDecodeError', /* @__PURE__ */ detailed(RangeError)),
  'http.InvalidJSONError',
  'http.RequestException',
) {
  /** A stable name to tell errors apart by. */
  override readonly code: string = 'JSON_DECODE'
  /** Where the text stops being valid JSON, in characters from 0; 0 if the position is not known. */
  readonly pos: number
  /** The line of `pos`, from 1. */
  readonly lineno: number
  /** The column of `pos` in its line, from 1. */
  readonly colno: number
  readonly #doc: string

  /**
   * @param message what went wrong
   * @param options `text`, `position`, and those of `RequestException`
   */
  constructor(message?: string, options: JSONDecodeErrorOptions = {}) {
    const { text = '', position = 0 } = options
    const lines = text.slice(0, position).split('\n')
    const lineno = lines.length
    const colno = lines.at(-1)!.length + 1
    const isTold = options.position !== undefined
    super(
      isTold ? `${message}, got something else at line ${lineno} column ${colno} (char ${position})` : message,
      options,
    )
    this.pos = position
    this.lineno = lineno
    this.colno = colno
    this.#doc = text
  }

  /** The text that is not valid JSON. It is not shown when the error is printed. */
  get doc(): string {
    return this.#doc
  }
}
