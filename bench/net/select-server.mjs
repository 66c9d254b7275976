/** The server of `select.mjs`: `node select-server.mjs COUNT`. It prints its port, then the cost of each call as JSON. */
import { spawn } from '@greenlit/core'
import { createServer, DefaultSelector, EVENT_READ, POLLIN, poll, select } from '@greenlit/net'

const count = Number(process.argv[2])
/** How long each call is repeated, in milliseconds: first until it is compiled, then for the measurement. */
const WARM_UP = 500
const MEASURED = 1_000

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
  yield* repeat(call, WARM_UP)
  const before = process.cpuUsage()
  const calls = yield* repeat(call, MEASURED)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

/** Repeats a call for a number of milliseconds. Returns how often. */
function* repeat(call, milliseconds) {
  const end = performance.now() + milliseconds
  let calls = 0
  for (; performance.now() < end; calls += 1) yield* call()
  return calls
}

spawn(main)
