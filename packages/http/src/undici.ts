/**
 * An engine built on undici, which must be installed alongside this package. Importing undici changes the dispatcher of the built-in
 * `fetch`, which is why no other module here imports it.
 *
 * @module
 */
import { checkOptions } from '@greenlit/core/engine'
import { Client } from 'undici'
import type { ClientClass } from './undici/client.ts'
import { UndiciEngine } from './undici/undici-engine.ts'

export { UndiciEngine }

/** Options of `undiciEngine`. */
export interface UndiciEngineOptions {
  /** How long an idle connection is kept open, in milliseconds, unless the server asks for less. Default 60 000. */
  readonly keepAliveTimeout?: number | undefined
}

/**
 * Creates an engine on the `dispatch()` of the installed undici, version 7 or 8. It behaves like the default engine and uses less
 * CPU time.
 *
 * @param options see `UndiciEngineOptions`
 * @throws {RangeError} for an invalid timeout; {TypeError} if `options` is not an object
 * @example
 * import { undiciEngine } from '@greenlit/http/undici'
 * const session = new Session({ engine: undiciEngine() })
 */
export function undiciEngine(options: UndiciEngineOptions = {}): UndiciEngine {
  // undici's types leave out the iterables that it accepts as bodies.
  return new UndiciEngine(Client as unknown as ClientClass, checkOptions(options).keepAliveTimeout)
}
