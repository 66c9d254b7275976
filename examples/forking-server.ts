/** The forking server of Python's socketserver: each request in a child process, and clients in the same program. */
import { joinall, run, spawn } from '@greenlit/core'
import { createConnection, ForkingTCPServer, type InetAddress } from '@greenlit/net'

const handler = { module: new URL('./forking/handler.js', import.meta.url), export: 'Handler' }

function* ask(address: InetAddress, word: string) {
  using client = yield* createConnection(address)
  yield* client.sendall(`${word}\n`)
  using answer = client.makefile('r')
  console.log((yield* answer.readline()).trim())
}

await run(function* () {
  const server = yield* new ForkingTCPServer(['127.0.0.1', 0], handler).activate()
  console.log(`the server is process ${process.pid}`)
  spawn(() => server.serveForever())
  yield* joinall(['one', 'two', 'three'].map((word) => spawn(ask, server.serverAddress, word)))
  yield* server.shutdown()
  yield* server.serverClose()
  console.log(`${server.activeChildren.size} children are left`)
})
