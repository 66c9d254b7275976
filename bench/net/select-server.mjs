/** The server of `select.mjs`: `node select-server.mjs COUNT`. It prints its port, then the cost of each call as JSON. */
import { spawn } from '@greenlit/core'
import { createServer, DefaultSelector, EVENT_READ, POLLIN, poll, select } from '@greenlit/net'

const count = Number(process.argv[2])
// Calls whose cost grows with the number of registered sockets would otherwise take minutes.
const CALLS = Math.max(100, Math.min(2_000, Math.round(1_000_000 / count)))

function* main() {
  const server = yield* createServer(['127.0.0.1', 0])
  process.stdout.write(`${server.getsockname()[1]}\n`)
  const sockets = []
  while (sockets.length <= count) sockets.push((yield* server.accept())[0])
  const selector = new DefaultSelector()
  for (const socket of sockets) selector.register(socket, EVENT_READ)
  const poller = poll()
  for (const socket of sockets) poller.register(socket, POLLIN)
  yield* selector.select()
  const found = {}
  found.selector = yield* measure(() => selector.select())
  found.poll = yield* measure(() => poller.poll())
  found.select = yield* measure(() => select(sockets, [], []))
  process.stdout.write(`${JSON.stringify(found)}\n`)
}

/** Returns the CPU time of a call in microseconds. */
function* measure(call) {
  for (let index = 0; index < CALLS / 10; index += 1) yield* call()
  const before = process.cpuUsage()
  for (let index = 0; index < CALLS; index += 1) yield* call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

spawn(main)
