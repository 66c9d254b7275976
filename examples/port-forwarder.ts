/**
 * Forwards each connection to another port, in both directions until both have ended.
 * `node examples/dist/port-forwarder.js PORT TO-PORT`
 */
import { run } from '@greenlit/core'
import { createConnection, StreamServer } from '@greenlit/net'
import { relay } from './proxy/relay.ts'

const [port = '8000', target = '9000'] = process.argv.slice(2)
const server = new StreamServer(['127.0.0.1', Number(port)], function* (client) {
  using upstream = yield* createConnection(['127.0.0.1', Number(target)], { timeout: 5_000 })
  upstream.settimeout(undefined)
  yield* relay(client, upstream)
})

await run(function* () {
  yield* server.start()
  console.log(`listening on port ${server.serverPort}`)
  yield* server.serveForever()
})
