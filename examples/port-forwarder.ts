/**
 * Forwards each connection to another port, in both directions until both have ended.
 * `node examples/dist/port-forwarder.js PORT TO-PORT`
 */
import { joinall, run, spawn } from '@greenlit/core'
import { createConnection, OSError, SHUT_WR, type Socket, StreamServer } from '@greenlit/net'

function* forward(from: Socket, to: Socket) {
  try {
    for (let data = yield* from.recv(65536); data.length > 0; data = yield* from.recv(65536)) yield* to.sendall(data)
    to.shutdown(SHUT_WR) // the other direction stays open
  } catch (error) {
    if (!(error instanceof OSError)) throw error
    // A side that fails ends the other one too.
    from.close()
    to.close()
  }
}

const [port = '8000', target = '9000'] = process.argv.slice(2)
const server = new StreamServer(['127.0.0.1', Number(port)], function* (client) {
  using upstream = yield* createConnection(['127.0.0.1', Number(target)], { timeout: 5_000 })
  upstream.settimeout(undefined)
  yield* joinall([spawn(forward, client, upstream), spawn(forward, upstream, client)])
})

await run(function* () {
  yield* server.start()
  console.log(`listening on port ${server.serverPort}`)
  yield* server.serveForever()
})
