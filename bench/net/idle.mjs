/**
 * The memory of an idle connection: `node bench/net/idle.mjs [--connections N] [--messages N]`. Each server runs in a fresh process; ours
 * has a greenlet in `recv` for each connection, the raw one a 'data' callback. Each connection has `--messages` messages echoed, by
 * default one, and is then idle. Ours should need at most 1.3 times the memory of the raw one.
 */
import { fork } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, messages: { type: 'string', default: '1' } },
})
const connections = Number(values.connections)
const messages = Number(values.messages)
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
      let left = messages
      const goOn = () => {
        left -= 1
        if (left >= 0) socket.write('x')
        else resolve()
      }
      socket.on('error', reject)
      socket.on('connect', goOn)
      socket.on('data', goOn)
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
process.stdout.write(`Node ${process.version}, ${connections} idle connections, ${messages} message(s) each\n`)
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
