/** The client of one run: `node client.mjs PORT CASE`. It answers each message of its parent with the number of echoes received. */
import { connect } from 'node:net'
import { CONNECTIONS, echoCases } from './cases.mjs'

const [, , port, name] = process.argv
const { size, depth, brief = false } = echoCases[name]
const message = Buffer.alloc(size, 'x')
const first = Buffer.alloc(size * depth, 'x')
let messages = 0

for (let index = 0; index < CONNECTIONS; index += 1) (brief ? sendOnce : sendAgain)()

/** Keeps one connection busy: each message that comes back is sent again. */
function sendAgain() {
  const socket = begin()
  let partial = 0
  socket.on('data', (chunk) => {
    partial += chunk.length
    const whole = Math.floor(partial / size)
    if (whole === 0) return
    partial -= whole * size
    messages += whole
    socket.write(whole === 1 ? message : first.subarray(0, whole * size))
  })
}

/** Sends one message, closes the connection once it comes back, and opens another one. */
function sendOnce() {
  const socket = begin()
  socket.on('data', () => socket.end())
  socket.on('close', (failed) => {
    if (!failed) messages += 1
    sendOnce()
  })
}

function begin() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  socket.on('connect', () => socket.write(first))
  socket.on('error', () => {})
  return socket
}

process.on('message', () => process.send({ messages }))
process.send({})
