/**
 * The select echo server of the Python tutorials: one greenlet, one select, many clients.
 * `node examples/dist/select-echo-server.js [PORT]`
 */
import { attempt, run } from '@greenlit/core'
import { type Socket, select, socket } from '@greenlit/net'

const inputs = new Set<Socket>()
// A client is in one of the two: nothing more is read from it until it has been answered.
const outputs = new Map<Socket, Buffer>()

function* serve(server: Socket) {
  for (;;) {
    const [readable, writable] = yield* select(inputs, outputs.keys(), [])
    for (const ready of readable) {
      if (ready === server) {
        const [client, address] = yield* server.accept()
        console.log(`new connection from ${address[0]}`)
        client.setblocking(false)
        inputs.add(client)
        continue
      }
      inputs.delete(ready)
      const received = yield* attempt(ready.recv(1024))
      if (received.ok && received.value.length > 0) {
        outputs.set(ready, received.value)
      } else {
        console.log('closing after reading no data')
        ready.close()
      }
    }
    for (const ready of writable) {
      const sent = yield* attempt(ready.send(outputs.get(ready)!))
      outputs.delete(ready)
      if (sent.ok) inputs.add(ready)
      else ready.close()
    }
  }
}

await run(function* () {
  const server = socket()
  inputs.add(server)
  try {
    yield* server.bind(['127.0.0.1', Number(process.argv[2] ?? 10000)])
    yield* server.listen(5)
    console.log(`listening on port ${server.getsockname()[1]}`)
    yield* serve(server)
  } finally {
    for (const left of [...inputs, ...outputs.keys()]) left.close()
  }
})
