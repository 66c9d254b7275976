/**
 * One echo server in a process of its own: `node server.mjs VARIANT CASE`. It reports its port, then answers each message of its parent
 * with the CPU time and memory it has used.
 */
import { createServer as createNetServer } from 'node:net'
import { echoCases } from './cases.mjs'

const [, , variant, name] = process.argv
const { size, exact } = echoCases[name]

/** The baseline: a 'data' callback, and one for each write. */
function raw() {
  const written = () => {}
  return listen((socket) => {
    if (!exact) {
      socket.on('data', (chunk) => socket.write(chunk, written))
      return
    }
    let rest = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      for (; at + size <= bytes.length; at += size) socket.write(bytes.subarray(at, at + size), written)
      rest = bytes.subarray(at)
    })
  })
}

function forAwait() {
  return listen(async (socket) => {
    if (!exact) {
      for await (const chunk of socket) socket.write(chunk)
      return
    }
    let rest = Buffer.alloc(0)
    for await (const chunk of socket) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      for (; at + size <= bytes.length; at += size) socket.write(bytes.subarray(at, at + size))
      rest = bytes.subarray(at)
    }
  })
}

function listen(serve) {
  return new Promise((resolve) => {
    const server = createNetServer((socket) => {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      serve(socket)
    })
    server.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}

async function greenlit() {
  const { spawn } = await import('@greenlit/core')
  const { createServer, IPPROTO_TCP, TCP_NODELAY } = await import('@greenlit/net')
  const listener = await createServer(['127.0.0.1', 0])
  function* echo(socket) {
    try {
      for (let data = yield* socket.recv(65_536); data.length > 0; data = yield* socket.recv(65_536)) {
        yield* socket.sendall(data)
      }
    } catch {
      // The client has left.
    } finally {
      socket.close()
    }
  }
  function* echoExact(socket) {
    socket.autoCork = true
    try {
      for (;;) yield* socket.sendall(yield* socket.recvExact(size))
    } catch {
      // The client has left.
    } finally {
      socket.close()
    }
  }
  spawn(function* () {
    for (;;) {
      const [socket] = yield* listener.accept()
      socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
      spawn(exact ? echoExact : echo, socket)
    }
  })
  return listener.getsockname()[1]
}

const port = await { raw, 'for await': forAwait, greenlit }[variant]()
process.on('message', ({ collect }) => {
  if (collect) for (let turn = 0; turn < 3; turn += 1) globalThis.gc()
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, user, system, memory: process.memoryUsage() })
})
process.send({ port })
