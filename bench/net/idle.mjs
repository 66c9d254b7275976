/**
 * What an idle connection holds: `node bench/net/idle.mjs [CONNECTIONS]`. Each server runs in a fresh process; ours has a greenlet
 * in `recv` for each connection, the raw one a callback for 'data'. At most 1.3 of the raw one.
 */
import { fork } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

const connections = Number(process.argv[2] ?? 10_000)
const server = fileURLToPath(new URL('server.mjs', import.meta.url))
const MOST = 1.3
const found = {}

for (const variant of ['raw', 'greenlit']) {
  const child = fork(server, [variant, '64'], { execArgv: ['--expose-gc'] })
  const { port } = await next(child)
  const before = await settle(child)
  const sockets = []
  for (let index = 0; index < connections; index += 1) {
    const socket = connect({ port, host: `127.0.0.${(index >> 14) + 1}` })
    await new Promise((resolve, reject) => {
      socket.on('error', reject)
      // One message and its answer: the greenlet is past its start and waits for the next one.
      socket.on('data', resolve)
      socket.on('connect', () => socket.write('x'))
    })
    sockets.push(socket)
  }
  const after = await settle(child)
  found[variant] = {
    rss: (after.rss - before.rss) / connections,
    heap: (after.heapUsed - before.heapUsed) / connections,
  }
  for (const socket of sockets) socket.destroy()
  child.kill('SIGKILL')
}

const { raw, greenlit } = found
const ratio = greenlit.rss / raw.rss
process.stdout.write(`${connections} idle connections\n`)
for (const [variant, { rss, heap }] of Object.entries(found)) {
  process.stdout.write(`    ${variant.padEnd(10)}${Math.round(rss)} bytes each, of them ${Math.round(heap)} heap\n`)
}
process.stdout.write(`    ratio ${ratio.toFixed(2)}, at most ${MOST}: ${ratio <= MOST ? 'yes' : 'NO'}\n`)

async function settle(child) {
  await new Promise((resolve) => setTimeout(resolve, 500))
  child.send({ collect: true })
  return (await next(child)).memory
}

function next(child) {
  return new Promise((resolve) => child.once('message', resolve))
}
