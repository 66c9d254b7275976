/** What the source text of a function tells of how it is to be called; minified or wrapped, it tells less. */
export interface FunctionSource {
  /** The texts of its parameters. */
  readonly parameters: readonly string[]
  /** Whether it may take more than its parameters tell, as what the platform implements does. */
  readonly hidesParameters: boolean
  /** Which parameter it reads a `signal` from, or -1. */
  readonly signalAt: number
}

/** What parameters are called that take options. */
export const OPTIONS = /^_?(options?|opts?|config|init|settings)\b/

const known = new WeakMap<object, FunctionSource>()
const OPENING = '([{'
const CLOSING = ')]}'

/** Reads a function's source, once. */
export function sourceOf(fn: object): FunctionSource {
  const read = known.get(fn)
  if (read !== undefined) return read
  const text = Function.prototype.toString.call(fn).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const parameters = parametersOf(text)
  const source = {
    parameters,
    hidesParameters: /\barguments\b|\[native code\]/.test(text),
    signalAt: parameters.findIndex((parameter) => readsSignal(text, parameter)),
  }
  known.set(fn, source)
  return source
}

/** As `{ signal }` itself, as `options.signal` or `options?.signal`, or as `{ signal } = options`. */
function readsSignal(text: string, parameter: string): boolean {
  const name = /^[\w$]+/.exec(parameter)?.[0].replaceAll('$', '\\$&')
  if (name === undefined) return /^\{[\s\S]*\bsignal\b/.test(parameter)
  return new RegExp(
    `(?<![\\w$.])${name}\\s*\\??\\.\\s*signal\\b|\\bsignal\\b[^{}]*(\\{[^{}]*\\}[^{}]*)*\\}\\s*=\\s*${name}\\b`,
  ).test(text)
}

function parametersOf(text: string): string[] {
  const single = /^(?:async\s+)?([\w$]+)\s*=>/.exec(text)
  if (single !== null) return [single[1]!]
  const parameters: string[] = []
  let start = text.indexOf('(') + 1
  let depth = 1
  let quote = ''
  for (let at = start; at < text.length && depth > 0; at += 1) {
    const character = text[at]!
    if (quote !== '') {
      if (character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if ('"\'`'.includes(character)) {
      quote = character
    } else if (OPENING.includes(character)) {
      depth += 1
    } else if (CLOSING.includes(character) || (character === ',' && depth === 1)) {
      if (character !== ',') depth -= 1
      if (depth > 0 && character !== ',') continue
      const parameter = text.slice(start, at).trim()
      if (parameter !== '') parameters.push(parameter)
      start = at + 1
    }
  }
  return parameters
}
