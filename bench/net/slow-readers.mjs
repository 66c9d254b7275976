/**
 * A test of backpressure: `node bench/net/slow-readers.mjs [CONNECTIONS] [MEGABYTES]`. Each client sends that many megabytes to a
 * server that reads in small pieces and pauses. Every byte must arrive, and memory must stay bounded.
 */
import { createHash, randomBytes } from 'node:crypto'
import { joinall, sleep, spawn } from '@greenlit/core'
import { createServer, socket } from '@greenlit/net'

const connections = Number(process.argv[2] ?? 100)
const size = Number(process.argv[3] ?? 10) * 1024 * 1024
const block = randomBytes(1024 * 1024)
const expected = createHash('sha256')
for (let sent = 0; sent < size; sent += block.length) expected.update(block)
const wanted = expected.digest('hex')
let most = 0
let wrong = 0

function* read(client) {
  const hash = createHash('sha256')
  let pieces = 0
  for (let piece = yield* client.recv(65_536); piece.length > 0; piece = yield* client.recv(65_536)) {
    hash.update(piece)
    if (++pieces % 32 === 0) yield* sleep(5)
    most = Math.max(most, process.memoryUsage.rss())
  }
  if (hash.digest('hex') !== wanted) wrong += 1
  client.close()
}

function* send(address) {
  const client = socket()
  yield* client.connect(address)
  for (let sent = 0; sent < size; sent += block.length) yield* client.sendall(block)
  yield* client.close()
}

const server = await createServer(['127.0.0.1', 0])
const before = process.memoryUsage.rss()
const started = performance.now()
const readers = []
const accepting = spawn(function* () {
  for (let count = 0; count < connections; count += 1) {
    const [client] = yield* server.accept()
    readers.push(spawn(read, client))
  }
})
const senders = Array.from({ length: connections }, () => spawn(send, server.getsockname()))
await joinall([accepting, ...senders], { raiseError: true })
await joinall(readers, { raiseError: true })
server.close()
const took = (performance.now() - started) / 1000
const megabytes = (bytes) => `${Math.round(bytes / 1024 / 1024)} MiB`
process.stdout.write(
  `${connections} connections, ${megabytes(size)} each in ${took.toFixed(1)} s: ${wrong} wrong, memory grew by ${megabytes(most - before)} at most\n`,
)
process.exitCode = wrong === 0 ? 0 : 1
