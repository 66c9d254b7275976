/**
 * The echo server of the gevent tutorials: accept in a loop, a greenlet per client.
 * `node examples/dist/gevent-echo-server.js [PORT]`
 */
import { attempt, run, spawn } from '@greenlit/core'
import { type Address, AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, type Socket, socket } from '@greenlit/net'

function* talk(client: Socket, address: Address) {
  try {
    for (let data = yield* client.recv(1024); data.length > 0; data = yield* client.recv(1024)) {
      yield* client.sendall(data)
    }
  } finally {
    client.close()
    console.log(`${address[0]} has left`)
  }
}

await run(function* () {
  using server = socket(AF_INET, SOCK_STREAM)
  server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
  yield* server.bind(['127.0.0.1', Number(process.argv[2] ?? 8080)])
  yield* server.listen(128)
  console.log(`listening on port ${server.getsockname()[1]}`)
  for (;;) {
    const accepted = yield* attempt(server.accept())
    if (accepted.ok) spawn(talk, ...accepted.value)
  }
})
