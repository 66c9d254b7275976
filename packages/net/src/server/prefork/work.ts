/** What a worker of a `PreforkServer` runs. */
import type { Socket as NetSocket, Server } from 'node:net'
import { type Coroutine, Pool, sleep, spawn, until, withTimeout } from '@greenlit/core'
import type { Target } from '@greenlit/process'
import type { Address } from '../../address/address.ts'
import { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM } from '../../constants.ts'
import { Listener } from '../../socket/listener.ts'
import { type Socket, socketOn } from '../../socket/socket.ts'
import { StreamDescription } from '../../socket/stream-description.ts'
import { messagesOfParent, tellParent } from '../../workers/in-worker.ts'
import type { Message } from '../../workers/worker.ts'
import { openListener } from '../open-listener.ts'
import { StreamServer } from '../stream-server.ts'
import type { ListenMessage, WorkSettings } from './messages.ts'

type Handle = (socket: Socket, address: Address) => unknown

/** Serves with the exported function until the parent says to leave, and then finishes what runs. */
export function* work(handler: Target, { size }: WorkSettings): Coroutine<void> {
  const worker = new ServingWorker(yield* until(load(handler)), new Pool(size))
  const leave = yield* messagesOfParent((message, handle) => worker.take(message, handle))
  yield* worker.stop(Number(leave?.timeout ?? 0))
}

async function load({ module, export: name }: Target): Promise<Handle> {
  const exported = ((await import(String(module))) as Record<string, unknown>)[name]
  if (typeof exported === 'function') return exported as Handle
  throw new TypeError(`Expected ${String(module)} to export a function ${name} that serves connections`)
}

class ServingWorker {
  private readonly handle: Handle
  private readonly pool: Pool
  private server: StreamServer | undefined
  private listener: Listener | undefined

  constructor(handle: Handle, pool: Pool) {
    this.handle = handle
    this.pool = pool
  }

  take(message: Message, handle: NetSocket | Server | undefined): void {
    if (message.kind === 'listen') spawn(() => this.listen(message as ListenMessage, handle as Server | undefined))
    else if (message.kind === 'connection' && handle !== undefined) this.adopt(handle as NetSocket)
  }

  private *listen({ own, address, backlog }: ListenMessage, shared: Server | undefined): Coroutine<void> {
    // Node gives a server without what makes connections wait for us; nothing can come in before this turn is over.
    if (shared !== undefined) Object.assign(shared, { allowHalfOpen: true, pauseOnConnect: true })
    const socket =
      own === undefined
        ? socketOf(shared!, address)
        : yield* openListener(own, SOCK_STREAM, backlog, { reusePort: true })
    this.listener = socket.listenerOf()!
    this.server = new StreamServer(socket, this.handle, { spawn: this.pool })
    yield* this.server.start()
    tellParent({ kind: 'ready' })
  }

  private adopt(connection: NetSocket): void {
    connection.allowHalfOpen = true
    if (this.listener === undefined) connection.destroy()
    else this.listener.server.emit('connection', connection)
  }

  /** Takes nothing new, serves what has come, and ends. */
  *stop(timeout: number): Coroutine<void> {
    const { server, listener } = this
    if (server === undefined || listener === undefined) return
    listener.server.close()
    const { pool } = this
    yield* withTimeout(
      timeout,
      function* () {
        while (listener.readable || pool.size > 0) {
          // What waits gets its turn to be accepted.
          yield* sleep(0)
          yield* pool.join()
        }
      },
      { timeoutValue: undefined },
    )
    yield* server.stop({ timeout: 0 })
  }
}

function socketOf(server: Server, address: Address): Socket {
  const family = typeof address === 'string' ? AF_UNIX : address[0].includes(':') ? AF_INET6 : AF_INET
  const description = new StreamDescription(family, SOCK_STREAM)
  const listener = new Listener(server)
  listener.onChange = () => description.changed()
  description.listener = listener
  description.localAddress = address
  return socketOn(description)
}
