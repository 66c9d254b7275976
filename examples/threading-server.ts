/** The threading example of Python's socketserver: each request in a greenlet of its own, and clients in the same program. */
import { type Greenlet, getcurrent, run, spawn } from '@greenlit/core'
import { BaseRequestHandler, createConnection, type InetAddress, TCPServer, ThreadingMixIn } from '@greenlit/net'

class Handler extends BaseRequestHandler {
  override *handle() {
    const data = yield* this.request.recv(1024)
    const thread = getcurrent() as Greenlet
    yield* this.request.sendall(`${thread.name} answers: ${data}`)
  }
}

class ThreadedServer extends ThreadingMixIn(TCPServer) {
  override daemonThreads = true
}

function* ask(address: InetAddress, message: string) {
  using client = yield* createConnection(address)
  yield* client.sendall(message)
  console.log(`received: ${yield* client.recv(1024)}`)
}

await run(function* () {
  using server = yield* new ThreadedServer(['127.0.0.1', 0], Handler).activate()
  const loop = spawn(() => server.serveForever())
  loop.name = 'server thread'
  console.log(`server loop runs in the ${loop.name}`)
  for (const message of ['hello 1', 'hello 2', 'hello 3']) yield* ask(server.serverAddress, message)
  yield* server.shutdown()
})
