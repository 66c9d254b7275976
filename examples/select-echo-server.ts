/**
 * The select echo server of the Python tutorials: one greenlet, one select, many clients.
 * `node examples/dist/select-echo-server.js [PORT]`
 */
import { attempt, run } from '@greenlit/core'
import { type Socket, select, socket } from '@greenlit/net'

await run(function* () {
  using server = socket()
  yield* server.bind(['127.0.0.1', Number(process.argv[2] ?? 10000)])
  yield* server.listen(5)
  console.log(`listening on port ${server.getsockname()[1]}`)

  const inputs = new Set<Socket>([server])
  const outputs = new Map<Socket, Buffer[]>()

  const drop = (client: Socket) => {
    inputs.delete(client)
    outputs.delete(client)
    client.close()
  }

  for (;;) {
    const [readable, writable] = yield* select([...inputs], [...outputs.keys()], [])
    for (const ready of readable) {
      if (ready === server) {
        const [client, address] = yield* server.accept()
        console.log(`new connection from ${address[0]}`)
        client.setblocking(false)
        inputs.add(client)
        continue
      }
      const received = yield* attempt(ready.recv(1024))
      if (!received.ok || received.value.length === 0) {
        console.log('closing after reading no data')
        drop(ready)
        continue
      }
      outputs.set(ready, [...(outputs.get(ready) ?? []), received.value])
    }
    for (const ready of writable) {
      const messages = outputs.get(ready)
      if (messages === undefined) continue
      yield* ready.send(Buffer.concat(messages))
      outputs.delete(ready)
    }
  }
})
