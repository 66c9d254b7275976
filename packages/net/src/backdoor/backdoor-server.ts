import { type Coroutine, Pool } from '@greenlit/core'
import { checkOptions, show } from '@greenlit/core/engine'
import type { ListenerOption } from '../server/parse-listener.ts'
import { StreamServer, type StreamServerOptions } from '../server/stream-server.ts'
import type { Socket } from '../socket/socket.ts'
import { runSession } from './session.ts'

/** What the sessions of a `BackdoorServer` begin with. */
export interface BackdoorServerOptions extends Omit<StreamServerOptions, 'spawn'> {
  /** Names that each session knows, in a copy of its own. Default none. */
  locals?: Readonly<Record<string, unknown>>
  /** What each session prints first. Default: which Node runs. */
  banner?: string
}

/**
 * A server that gives whoever connects a JavaScript prompt inside the running program (gevent: backdoor.BackdoorServer): to look at
 * it, as with `telnet`. `quit()`, `exit()`, `process.exit()` and the end of input leave the session only; `await` works, also for
 * operations. Stopping the server ends its sessions. Everybody who can connect can do everything: listen on 127.0.0.1 or a path.
 *
 * @example
 * const backdoor = new BackdoorServer(['127.0.0.1', 5001], { locals: { queue, pool } })
 * yield* backdoor.start()
 */
export class BackdoorServer extends StreamServer {
  /** Names that each session knows. */
  readonly locals: Readonly<Record<string, unknown>>
  /** What each session prints first. */
  readonly banner: string

  /**
   * @param listener as for `StreamServer`
   * @param options see `BackdoorServerOptions`
   * @throws {TypeError} for `locals` that are no object, and as `StreamServer` does
   */
  constructor(listener: ListenerOption, options?: BackdoorServerOptions) {
    const { locals = {}, banner = `Node ${process.version} on ${process.platform}`, ...others } = checkOptions(options)
    if (typeof locals !== 'object' || locals === null) {
      throw new TypeError(`Expected \`locals\` to be an object of names, got ${show(locals)}`)
    }
    super(listener, undefined, { ...others, spawn: new Pool() })
    this.locals = locals
    this.banner = banner
  }

  /** Runs a session. */
  override *handle(socket: Socket): Coroutine<void> {
    const { locals, banner } = this
    yield* runSession(socket.connected('ENOTCONN').handOver(), { locals, banner })
  }
}
