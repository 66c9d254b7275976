/**
 * The engine on undici, for whoever installs undici beside this package. Importing undici changes the dispatcher that the built-in
 * `fetch` uses, which is why nothing else here imports it.
 *
 * @module
 */
import { checkOptions } from '@greenlit/core/engine'
import { Client } from 'undici'
import type { ClientClass } from './undici/client.ts'
import { UndiciEngine } from './undici/undici-engine.ts'

export { UndiciEngine }

/** How `undiciEngine` carries requests. */
export interface UndiciEngineOptions {
  /** How long an idle connection is kept, in milliseconds, unless the server says less. Default 60 000. */
  readonly keepAliveTimeout?: number | undefined
}

/**
 * An engine on the `dispatch()` of undici, 7 or 8 as installed. It behaves as the default one and takes less of the processor.
 *
 * @param options see `UndiciEngineOptions`
 * @throws {RangeError} for a time that is none; {TypeError} for options that are none
 * @example
 * import { undiciEngine } from '@greenlit/http/undici'
 * const session = new Session({ engine: undiciEngine() })
 */
export function undiciEngine(options: UndiciEngineOptions = {}): UndiciEngine {
  // Its types leave out the iterables that it takes as bodies.
  return new UndiciEngine(Client as unknown as ClientClass, checkOptions(options).keepAliveTimeout)
}
