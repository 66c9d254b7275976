/**
 * The selectors echo server of Python's documentation: callbacks as data.
 * `node examples/dist/selectors-echo-server.js [PORT]`
 */
import { attempt, type Coroutine, run } from '@greenlit/core'
import { DefaultSelector, EVENT_READ, type Socket, socket } from '@greenlit/net'

type Callback = (ready: Socket) => Coroutine<void>

const selector = new DefaultSelector<Callback>()

function* accept(server: Socket): Coroutine<void> {
  const [client, address] = yield* server.accept()
  console.log(`accepted ${address[0]}`)
  client.setblocking(false)
  selector.register(client, EVENT_READ, read)
}

function* read(client: Socket): Coroutine<void> {
  const received = yield* attempt(client.recv(1000))
  if (received.ok && received.value.length > 0) {
    console.log(`echoing ${received.value.toString().trim()}`)
    if ((yield* attempt(client.send(received.value))).ok) return
  }
  console.log('closing')
  selector.unregister(client)
  client.close()
}

await run(function* () {
  using server = socket()
  yield* server.bind(['127.0.0.1', Number(process.argv[2] ?? 1234)])
  yield* server.listen(100)
  server.setblocking(false)
  console.log(`listening on port ${server.getsockname()[1]}`)
  selector.register(server, EVENT_READ, accept)
  try {
    for (;;) {
      for (const [key] of yield* selector.select()) yield* key.data(key.fileobj as Socket)
    }
  } finally {
    for (const { fileobj } of selector.getMap().values()) (fileobj as Socket).close()
  }
})
