import { type Coroutine, Pool } from '@greenlit/core'
import { checkOptions, show } from '@greenlit/core/engine'
import type { ListenerOption } from '../server/parse-listener.ts'
import { StreamServer, type StreamServerOptions } from '../server/stream-server.ts'
import type { Socket } from '../socket/socket.ts'
import { runSession } from './session.ts'

/** Options of `BackdoorServer`. */
export interface BackdoorServerOptions extends Omit<StreamServerOptions, 'spawn'> {
  /** Variables defined in each session, each of which has its own copy of them. Default none. */
  locals?: Readonly<Record<string, unknown>> | undefined
  /** The text that each session prints first. Default: the version of Node and the platform. */
  banner?: string | undefined
}

/**
 * A server that gives each client a JavaScript prompt inside the running program, for inspecting it with `telnet` or the like (gevent:
 * backdoor.BackdoorServer). `quit()`, `exit()`, `process.exit()` and the end of input end only the session; `await` works, also on
 * operations. Stopping the server ends its sessions. Anyone who can connect has full control of the process: listen only on
 * 127.0.0.1 or a path.
 *
 * @example
 * const backdoor = new BackdoorServer(['127.0.0.1', 5001], { locals: { queue, pool } })
 * yield* backdoor.start()
 */
export class BackdoorServer<L extends ListenerOption = ListenerOption> extends StreamServer<L> {
  /** The variables defined in each session. */
  readonly locals: Readonly<Record<string, unknown>>
  /** The text that each session prints first. */
  readonly banner: string

  /**
   * @param listener as for `StreamServer`
   * @param options see `BackdoorServerOptions`
   * @throws {TypeError} if `locals` is not an object; the errors of `StreamServer`
   */
  constructor(listener: L, options?: BackdoorServerOptions) {
    const { locals = {}, banner = `Node ${process.version} on ${process.platform}`, ...others } = checkOptions(options)
    if (typeof locals !== 'object' || locals === null) {
      throw new TypeError(`Expected \`locals\` to be an object of names, got ${show(locals)}`)
    }
    super(listener, undefined, { ...others, spawn: new Pool() })
    this.locals = locals
    this.banner = banner
  }

  /** Runs a session on the connection. */
  override *handle(socket: Socket): Coroutine<void> {
    const { locals, banner } = this
    yield* runSession(socket.connected('ENOTCONN').handOver(), { locals, banner })
  }
}
