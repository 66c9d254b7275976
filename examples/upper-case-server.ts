/** An echo server that answers in capitals, with a handler class: `node examples/dist/upper-case-server.js [PORT]`. */
import { run } from '@greenlit/core'
import { StreamRequestHandler, ThreadingTCPServer } from '@greenlit/net'

class UpperCase extends StreamRequestHandler {
  override *handle() {
    for (let line = yield* this.rfile.readline(); line.length > 0; line = yield* this.rfile.readline()) {
      console.log(`${this.clientAddress[0]} wrote: ${line.toString().trim()}`)
      yield* this.wfile.write(line.toString().toUpperCase())
    }
  }
}

await run(function* () {
  const port = Number(process.argv[2] ?? 9999)
  using server = yield* new ThreadingTCPServer(['127.0.0.1', port], UpperCase).activate()
  console.log(`listening on port ${server.serverAddress[1]}`)
  yield* server.serveForever()
})
