/** The program of a `PreforkServer` worker. */
import type { Socket as NetSocket, Server } from 'node:net'
import { type Coroutine, Pool, sleep, until, withTimeout } from '@greenlit/core'
import { type Given, Receiver, type Target } from '@greenlit/process'
import type { Address } from '../../address/address.ts'
import { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM } from '../../constants.ts'
import { Listener } from '../../socket/listener.ts'
import { type Socket, socketOn } from '../../socket/socket.ts'
import { StreamDescription } from '../../socket/stream-description.ts'
import { openListener } from '../open-listener.ts'
import { StreamServer } from '../stream-server.ts'
import type { WorkSettings } from './settings.ts'

type Handle = (socket: Socket, address: Address) => unknown

/** Serves with the exported function until the parent tells the worker to stop, then finishes open connections. */
export function* work(settings: WorkSettings): Coroutine<void> {
  const handle = yield* until(load(settings.handler))
  const receiver = new Receiver()
  const socket = yield* listen(settings, receiver)
  if (socket === undefined) return
  const worker = new ServingWorker(socket, handle, new Pool(settings.maxConnections))
  yield* worker.server.start()
  receiver.ready()
  for (let given = yield* receiver.next(); given !== undefined; given = yield* receiver.next()) worker.adopt(given)
  yield* worker.stop(receiver.timeout)
}

async function load({ module, export: name }: Target): Promise<Handle> {
  const exported = ((await import(String(module))) as Record<string, unknown>)[name]
  if (typeof exported === 'function') return exported as Handle
  throw new TypeError(`Expected ${String(module)} to export a function ${name} that serves connections`)
}

function* listen({ ownAddress, address, backlog }: WorkSettings, receiver: Receiver): Coroutine<Socket | undefined> {
  if (ownAddress !== undefined) return yield* openListener(ownAddress, SOCK_STREAM, backlog, { reusePort: true })
  const shared = (yield* receiver.next())?.handle as Server | undefined
  if (shared === undefined) return undefined
  // A server received from the parent has lost these options, without which connections do not wait to be accepted. No connection can
  // arrive before the end of this turn.
  Object.assign(shared, { allowHalfOpen: true, pauseOnConnect: true })
  return socketOf(shared, address)
}

function socketOf(server: Server, address: Address): Socket {
  const family = typeof address === 'string' ? AF_UNIX : address[0].includes(':') ? AF_INET6 : AF_INET
  const description = new StreamDescription(family)
  const listener = new Listener(server)
  listener.onChange = () => description.changed()
  description.listener = listener
  description.localAddress = address
  return socketOn(description)
}

class ServingWorker {
  readonly server: StreamServer
  private readonly pool: Pool
  private readonly listener: Listener

  constructor(socket: Socket, handle: Handle, pool: Pool) {
    this.pool = pool
    this.server = new StreamServer(socket, handle, { spawn: pool })
    this.listener = socket.listenerOf()!
  }

  /** Adopts a connection that the parent has accepted. */
  adopt(given: Given): void {
    const connection = given.handle as NetSocket | undefined
    if (connection === undefined) {
      given.done()
      return
    }
    connection.allowHalfOpen = true
    connection.once('close', () => given.done())
    this.listener.server.emit('connection', connection)
  }

  /** Stops listening, finishes the connections that have arrived, and ends. */
  *stop(timeout: number | undefined): Coroutine<void> {
    const { pool, listener } = this
    listener.server.close()
    yield* withTimeout(
      timeout,
      function* () {
        while (listener.readable || pool.size > 0) {
          // Lets the server accept the connections that are queued.
          yield* sleep(0)
          yield* pool.join()
        }
      },
      { timeoutValue: undefined },
    )
    yield* this.server.stop({ timeout: 0 })
  }
}
