/**
 * The engine on this project's own sockets, which needs nothing but `@greenlit/net`.
 *
 * @module
 */
import { checkOptions } from '@greenlit/core/engine'
import { NativeEngine } from './native/native-engine.ts'

export { NativeEngine }

/** How `nativeEngine` carries requests. */
export interface NativeEngineOptions {
  /** How long an idle connection is kept, in milliseconds, unless the server says less. Default 60 000. */
  readonly keepAliveTimeout?: number | undefined
}

/**
 * An engine for HTTP/1.1 on the streams of `@greenlit/net`. It behaves as the default one and takes less of the processor.
 *
 * @param options see `NativeEngineOptions`
 * @throws {RangeError} for a time that is none; {TypeError} for options that are none
 * @example
 * import { nativeEngine } from '@greenlit/http/native'
 * const session = new Session({ engine: nativeEngine() })
 */
export function nativeEngine(options: NativeEngineOptions = {}): NativeEngine {
  return new NativeEngine(checkOptions(options).keepAliveTimeout)
}
