/** The program of a forking server's child processes. */
import type { Socket as NetSocket } from 'node:net'
import { type Coroutine, spawn, until } from '@greenlit/core'
import { type Given, Receiver, type Target } from '@greenlit/process'
import { SHUT_WR } from '../../constants.ts'
import { isExit } from '../../server/exits.ts'
import type { Socket } from '../../socket/socket.ts'
import { wrap } from '../../socket/wrap.ts'
import { type RequestHandlerClass, serveWith } from '../request-handler.ts'
import { DatagramRelay, ForkedDatagramSocket, type ForkedServer } from './forked-server.ts'
import type { Job, SendAnswer } from './job.ts'

/** Serves the parent's jobs with the exported class until the parent tells the child to stop. */
export function* work(handler: Target): Coroutine<void> {
  const loading = loadHandler(handler)
  // If the module cannot be loaded, each job fails with that error; the rejection must not crash the child.
  loading.catch(() => {})
  const receiver = new Receiver()
  const relay = new DatagramRelay(receiver)
  receiver.ready()
  for (let given = yield* receiver.next(); given !== undefined; given = yield* receiver.next()) {
    const message = given.message as Job | SendAnswer
    if (message.kind === 'serve') spawn(serve, loading, given, message, relay)
    else relay.sent(message)
  }
}

async function loadHandler({ module, export: name }: Target): Promise<RequestHandlerClass<unknown>> {
  const exported = ((await import(String(module))) as Record<string, unknown>)[name]
  if (typeof exported === 'function') return exported as RequestHandlerClass<unknown>
  throw new TypeError(`Expected ${String(module)} to export ${name}, a class of request handlers or a function`)
}

function* serve(
  loading: Promise<RequestHandlerClass<unknown>>,
  given: Given,
  { data, serverAddress, clientAddress }: Job,
  relay: DatagramRelay,
): Coroutine<void> {
  let failure: { error: unknown } | undefined
  const connection = given.handle === undefined ? undefined : adopt(given.handle as NetSocket)
  try {
    const Handler = yield* until(loading)
    const server: ForkedServer = { serverAddress }
    const request =
      data === undefined ? connection : [Buffer.from(data), new ForkedDatagramSocket(relay, serverAddress)]
    // If the connection arrived without its socket, the client has already disconnected.
    if (request !== undefined) yield* serveWith(Handler, request, clientAddress, server)
  } catch (error) {
    if (!isExit(error)) failure = { error }
  } finally {
    if (connection !== undefined) yield* end(connection)
    if (failure === undefined) given.done()
    else given.fail(failure.error)
  }
}

function adopt(netSocket: NetSocket): Socket | undefined {
  if (netSocket.destroyed) return undefined
  // Node creates it without half-open support, so that the end of the client's stream would also cut off the reply.
  netSocket.allowHalfOpen = true
  return wrap(netSocket)
}

/** Closes a connection and waits until everything is sent: the parent may end this process as soon as the job is done. */
function* end(connection: Socket): Coroutine<void> {
  connection.closeFiles()
  try {
    connection.shutdown(SHUT_WR)
  } catch {
    // The peer may already have disconnected.
  }
  yield* connection.holder.close()
}
