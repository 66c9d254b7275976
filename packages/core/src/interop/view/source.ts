/** What the source text of a function reveals about how to call it; if minified or wrapped, it reveals less. */
export interface FunctionSource {
  /** The source text of each parameter. */
  readonly parameters: readonly string[]
  /** Whether it may take more arguments than it declares: it uses `arguments`, or the platform implements it. */
  readonly hidesParameters: boolean
  /** The index of the parameter that it reads a `signal` from, or -1. */
  readonly signalAt: number
  /** The index of the parameter with options that it spreads or makes a request with, or -1. */
  readonly optionsAt: number
}

/** The names of parameters that take options, a listener or an encoding rather than a callback. */
export const OPTIONS = /^_?(options?|opts?|config|init|settings)_?\b|(istener|ncoding)$/

const known = new WeakMap<object, FunctionSource>()
/** The tokens that separate parameters: brackets and commas, and string literals, in which neither counts. */
const TOKENS = /[()[\]{},]|(["'`])(?:\\.|(?!\1).)*\1/gs

/** Analyses a function's source, once. */
export function sourceOf(fn: object): FunctionSource {
  const read = known.get(fn)
  if (read !== undefined) return read
  const text = Function.prototype.toString.call(fn).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const parameters = parametersOf(text)
  const source = {
    parameters,
    hidesParameters: /\barguments\b|\[native/.test(text),
    signalAt: parameters.findIndex((parameter) => readsSignal(text, parameter)),
    optionsAt: parameters.findIndex((parameter) => OPTIONS.test(parameter) && forwardsOptions(text, parameter)),
  }
  known.set(fn, source)
  return source
}

/**
 * Whether the function passes its options on to a request. Others, such as those of esbuild and MongoDB, reject unknown options.
 */
function forwardsOptions(text: string, parameter: string): boolean {
  return new RegExp(`fetch|request|\\bky\\b|\\.{3}${namePattern(parameter)}`, 'i').test(text)
}

/**
 * Whether the function reads a signal: as a `{ signal }` parameter, as `options.signal` or `options?.signal`, or as `{ signal } =
 * options`.
 */
function readsSignal(text: string, parameter: string): boolean {
  const name = namePattern(parameter)
  if (name === undefined) return /^\{[\s\S]*\bsignal\b/.test(parameter)
  return new RegExp(
    `(?<![\\w$.])${name}\\s*\\??\\.\\s*signal\\b|\\bsignal\\b[^{}]*(\\{[^{}]*\\}[^{}]*)*\\}\\s*=\\s*${name}\\b`,
  ).test(text)
}

/** The name of a parameter, escaped for a regular expression. */
function namePattern(parameter: string): string | undefined {
  return /^[\w$]+/.exec(parameter)?.[0].replaceAll('$', '\\$&')
}

function parametersOf(text: string): string[] {
  const single = /^(?:async\s+)?([\w$]+)\s*=>/.exec(text)
  if (single !== null) return [single[1]!]
  const list = text.slice(text.indexOf('('))
  const parameters: string[] = []
  let start = 1
  let depth = 0
  for (const { 0: token, index } of list.matchAll(TOKENS)) {
    if (token.length > 1) continue
    if ('([{'.includes(token)) {
      depth += 1
      continue
    }
    if (depth === 1) {
      parameters.push(list.slice(start, index).trim())
      start = index + 1
    }
    if (token !== ',') depth -= 1
    if (depth <= 0) break
  }
  return parameters.filter((parameter) => parameter !== '')
}
