/**
 * The echo server of gevent's own examples, on StreamServer, for at most 1000 clients.
 * `node examples/dist/stream-server.js [PORT]`
 */
import { run } from '@greenlit/core'
import { type Address, type Socket, StreamServer } from '@greenlit/net'

function* echo(socket: Socket, address: Address) {
  console.log(`new connection from ${address[0]}`)
  yield* socket.sendall('Welcome to the echo server! Type quit to exit.\r\n')
  using file = socket.makefile('rb')
  for (;;) {
    const line = yield* file.readline()
    if (line.length === 0) {
      console.log('client disconnected')
      return
    }
    if (line.toString().trim().toLowerCase() === 'quit') {
      console.log('client quit')
      return
    }
    yield* socket.sendall(line)
  }
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', Number(process.argv[2] ?? 16000)], echo, { spawn: 1000 })
  yield* server.start()
  console.log(`listening on port ${server.serverPort}`)
  yield* server.serveForever()
})
