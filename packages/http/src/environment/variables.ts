import process from 'node:process'

/** How old what is known of the environment may be while requests go on side by side, in milliseconds. */
const FRESH_FOR = 10

const known = new Map<string, unknown>()
const NOTHING = Symbol('nothing')
let knownSince = 0
let underWay = 0

/**
 * What the environment says about something. Each look at a variable costs as much as the parsing of a URL and a request takes five,
 * so that requests that go on side by side share what was seen in the last 10 ms. One on its own sees what is set.
 *
 * @param key what it is known by
 * @param look finds it out
 */
export function ofEnvironment<T>(key: string, look: (key: string) => T): T {
  if (underWay < 2) return look(key)
  let value = known.get(key) as T | typeof NOTHING | undefined
  if (value === undefined) known.set(key, (value = look(key) ?? NOTHING))
  return value === NOTHING ? (undefined as T) : value
}

/** A variable of the environment; `undefined` if it is not set. */
export function environmentVariable(name: string): string | undefined {
  return ofEnvironment(name, lookUp)
}

/** In one place: V8 would throw away the machine code of all callers when it comes by one that it has hardly seen. */
function lookUp(name: string): string | undefined {
  return process.env[name]
}

/**
 * A request begins; `requestEnded` must follow.
 *
 * @param time when, in milliseconds: to look at the clock takes as long as the rest of it
 */
export function requestBegan(time: number = performance.now()): void {
  underWay += 1
  if (underWay < 2) return
  if (Math.abs(time - knownSince) < FRESH_FOR) return
  known.clear()
  knownSince = time
}

/** A request has its outcome: whoever made it may change the environment for the next. */
export function requestEnded(): void {
  underWay -= 1
  if (underWay < 2) known.clear()
}
