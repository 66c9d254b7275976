/**
 * A chat with two greenlets per client: one reads lines, the other writes the messages in its queue.
 * `node examples/dist/chat-server.js [PORT]`
 */
import { Queue, run, spawn } from '@greenlit/core'
import { type Socket, StreamServer } from '@greenlit/net'

const members = new Map<string, Queue<string>>()

function tell(text: string, except?: string) {
  for (const [name, queue] of members) if (name !== except) queue.putNowait(text)
}

function* write(socket: Socket, queue: Queue<string>) {
  for (;;) yield* socket.sendall(yield* queue.get())
}

function* chat(socket: Socket) {
  using file = socket.makefile('r')
  yield* socket.sendall('Your name?\n')
  const name = (yield* file.readline()).trim()
  if (name === '' || members.has(name)) {
    yield* socket.sendall(name === '' ? 'A name is needed.\n' : 'That name is taken.\n')
    return
  }
  const queue = new Queue<string>()
  const writer = spawn(write, socket, queue)
  members.set(name, queue)
  tell(`* ${name} has joined\n`, name)
  try {
    for (let line = yield* file.readline(); line !== ''; line = yield* file.readline()) {
      tell(`${name}: ${line.trimEnd()}\n`, name)
    }
  } finally {
    members.delete(name)
    writer.kill()
    tell(`* ${name} has left\n`)
  }
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', Number(process.argv[2] ?? 6000)], chat)
  yield* server.start()
  console.log(`listening on port ${server.serverPort}`)
  yield* server.serveForever()
})
