/**
 * The cost of polling many idle connections: `node bench/net/select.mjs [COUNT...]`. Each server runs in a fresh process, has COUNT
 * idle connections and one with a byte to read, and calls `DefaultSelector.select`, `poll` and `select` on all of them. Prints the
 * CPU time per call, after a warm-up.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pythonWithGevent } from '../lib/python.mjs'

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 1_000, 10_000]
const path = (name) => fileURLToPath(new URL(name, import.meta.url))
const python = await pythonWithGevent()
const variants = ['greenlit', ...(python === undefined ? [] : ['Python', 'gevent'])]

process.stdout.write(`Node ${process.version}, CPU of a call in microseconds${python ? `; ${python.versions}` : ''}\n`)
for (const count of counts) {
  process.stdout.write(`  ${count} idle connections and one with a byte\n`)
  for (const variant of variants) {
    const found = await measure(variant, count)
    const cells = Object.entries(found).map(([call, micros]) =>
      `${call} ${micros === null ? '-' : micros.toFixed(1)}`.padEnd(26),
    )
    process.stdout.write(`    ${variant.padEnd(10)}${cells.join('').trimEnd()}\n`)
  }
}

async function measure(variant, count) {
  const server =
    variant === 'greenlit'
      ? fork(path('select-server.mjs'), [String(count)], { silent: true })
      : spawn(python.binary, [path('../python/select_idle.py'), variant, String(count)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]()
  const port = Number((await lines.next()).value)
  const sockets = []
  for (let index = 0; index <= count; index += 1) {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
  }
  sockets[count].write('x')
  const found = JSON.parse((await lines.next()).value)
  for (const socket of sockets) socket.destroy()
  server.kill('SIGKILL')
  return found
}
