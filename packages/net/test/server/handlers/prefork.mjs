/** Handlers loaded by the workers in the tests. */
import { sleep } from '@greenlit/core'

/** Replies to each message with the id of its process. */
export function* answer(socket) {
  for (let data = yield* socket.recv(1024); data.length > 0; data = yield* socket.recv(1024)) {
    yield* socket.sendall(`${process.pid} ${data}\n`)
  }
}

/** Exits on the message 'die'. */
export function* dying(socket) {
  const data = yield* socket.recv(1024)
  if (data.toString() === 'die') process.kill(process.pid, 'SIGKILL')
  yield* socket.sendall(`${process.pid}\n`)
}

/** Replies after a delay. */
export function* slow(socket) {
  yield* socket.sendall(`${process.pid}\n`)
  const data = yield* socket.recv(1024)
  yield* sleep(100)
  yield* socket.sendall(`done ${data}\n`)
}
