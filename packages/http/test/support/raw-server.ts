import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** One connection to a raw server. */
export interface RawConnection {
  readonly socket: Socket
  /** The head of the next request, as received: request line and headers. The body, if any, is left to `received`. */
  request(): Promise<string>
  /** Writes a string as Latin-1, or bytes. */
  write(bytes: string | Uint8Array): void
  end(bytes?: string | Uint8Array): void
  /** Everything received so far. */
  received(): string
  /** Resolves when the client has closed. */
  readonly closed: Promise<void>
}

/** A server that responds with exact bytes. */
export interface RawServer {
  readonly url: string
  readonly port: number
  /** How many connections were made. */
  connections(): number
  /** How many are open. */
  open(): number
  close(): Promise<void>
}

/** Starts a server that passes each connection to `handle`, with its index from 0. */
export async function startRawServer(
  handle: (connection: RawConnection, index: number) => Promise<unknown> | unknown,
): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const index = count++
    Promise.resolve(handle(connectionOf(socket), index)).catch(() => socket.destroy())
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections: () => count,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function connectionOf(socket: Socket): RawConnection {
  let buffer = ''
  let all = ''
  let waiting: (() => void) | undefined
  socket.on('data', (bytes: Buffer) => {
    buffer += bytes.toString('latin1')
    all += bytes.toString('latin1')
    waiting?.()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  closed.then(() => waiting?.())
  return {
    socket,
    closed,
    async request() {
      for (;;) {
        const end = buffer.indexOf('\r\n\r\n')
        if (end >= 0) {
          const head = buffer.slice(0, end)
          buffer = buffer.slice(end + 4)
          return head
        }
        if (socket.destroyed) throw new Error('The client closed before a request was complete')
        await new Promise<void>((resolve) => (waiting = resolve))
      }
    },
    write: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    end: (bytes = '') => void socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    received: () => all,
  }
}

/** Listens on a free port of loopback. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A port that nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}
