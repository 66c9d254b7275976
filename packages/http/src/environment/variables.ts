import process from 'node:process'

/** How old what is known of the environment may be while requests go on side by side, in milliseconds. */
const FRESH_FOR = 10

/** `null`: not set. */
const known = new Map<string, string | null>()
let knownSince = 0
let underWay = 0

/**
 * A variable of the environment; `undefined` if it is not set. Each look at it costs as much as the parsing of a URL and a request
 * takes five, so that requests that go on side by side share what was seen in the last 10 ms. One on its own sees what is set.
 */
export function environmentVariable(name: string): string | undefined {
  if (underWay < 2) return lookUp(name)
  let value = known.get(name)
  if (value === undefined) known.set(name, (value = lookUp(name) ?? null))
  return value ?? undefined
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
