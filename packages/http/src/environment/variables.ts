import process from 'node:process'

/** The maximum age of cached values, in milliseconds. Values are cached only while several requests are in progress. */
const MAX_AGE = 10

const cache = new Map<string, unknown>()
const ABSENT = Symbol('absent')
let cachedSince = 0
let inProgress = 0

/**
 * Looks a value up in the environment. Reading a variable takes as long as parsing a URL, and a request reads five, so concurrent
 * requests share values that are at most 10 ms old. A single request always reads the current value.
 *
 * @param key the key under which the value is cached
 * @param look determines the value
 */
export function cachedFromEnvironment<T>(key: string, look: (key: string) => T): T {
  if (inProgress < 2) return look(key)
  let value = cache.get(key) as T | typeof ABSENT | undefined
  if (value === undefined) cache.set(key, (value = look(key) ?? ABSENT))
  return value === ABSENT ? (undefined as T) : value
}

/** Returns an environment variable; `undefined` if it is not set. */
export function environmentVariable(name: string): string | undefined {
  return cachedFromEnvironment(name, readVariable)
}

/** The only read of `process.env`. If each caller had its own, V8 would deoptimise a caller on reaching one it had hardly ever run. */
function readVariable(name: string): string | undefined {
  return process.env[name]
}

/**
 * Records that a request begins. Must be followed by `requestEnded`.
 *
 * @param time the current time in milliseconds, if the caller knows it: reading the clock takes as long as everything else here
 */
export function requestBegan(time: number = performance.now()): void {
  inProgress += 1
  if (inProgress < 2) return
  if (Math.abs(time - cachedSince) < MAX_AGE) return
  cache.clear()
  cachedSince = time
}

/** Records that a request has ended. Its caller may now change the environment for the next one. */
export function requestEnded(): void {
  inProgress -= 1
  if (inProgress < 2) cache.clear()
}
