/**
 * An engine built on the sockets of `@greenlit/net`, with no other dependency.
 *
 * @module
 */
import { checkOptions } from '@greenlit/core/engine'
import { NativeEngine } from './native/native-engine.ts'

export { NativeEngine }

/** Options of `nativeEngine`. */
export interface NativeEngineOptions {
  /** How long an idle connection is kept open, in milliseconds, unless the server asks for less. Default 60 000. */
  readonly keepAliveTimeout?: number | undefined
}

/**
 * Creates an HTTP/1.1 engine on the streams of `@greenlit/net`. It behaves like the default engine and uses less CPU time.
 *
 * @param options see `NativeEngineOptions`
 * @throws {RangeError} for an invalid timeout; {TypeError} if `options` is not an object
 * @example
 * import { nativeEngine } from '@greenlit/http/native'
 * const session = new Session({ engine: nativeEngine() })
 */
export function nativeEngine(options: NativeEngineOptions = {}): NativeEngine {
  return new NativeEngine(checkOptions(options).keepAliveTimeout)
}
