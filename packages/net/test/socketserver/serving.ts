import { type Coroutine, type Operation, spawn } from '@greenlit/core'
import { type Address, AF_INET, SOCK_DGRAM, socket } from '@greenlit/net'

interface Served {
  activate(): Operation<unknown>
  serveForever(options?: { pollInterval?: number }): Operation<void>
  shutdown(): Operation<void>
  serverClose(): Operation<void> | Coroutine<void>
  readonly serverAddress: Address
}

/** Runs the server while a function runs, then shuts it down and closes it. */
export function* served<S extends Served, T>(
  server: S,
  work: (address: S['serverAddress'], server: S) => Coroutine<T>,
): Coroutine<T> {
  yield* server.activate()
  const loop = spawn(() => server.serveForever({ pollInterval: 10 }))
  try {
    return yield* work(server.serverAddress, server)
  } finally {
    yield* server.shutdown()
    yield* server.serverClose()
    yield* loop.join()
  }
}

/** Sends a message over a new connection and reads the whole reply. */
export function* exchange(address: Address, message: string, family: number = AF_INET): Coroutine<string> {
  const client = socket(family)
  try {
    yield* client.connect(address)
    yield* client.sendall(message)
    using file = client.makefile('rb')
    return (yield* file.read()).toString()
  } finally {
    client.close()
  }
}

/** Sends a datagram and waits for the reply. */
export function* exchangeDatagram(address: Address, message: string): Coroutine<string> {
  const client = socket(AF_INET, SOCK_DGRAM)
  try {
    yield* client.sendto(message, address)
    const [answer] = yield* client.recvfrom(65536, { timeout: 5_000 })
    return answer.toString()
  } finally {
    client.close()
  }
}

/** Captures standard error until it is restored. */
export function captureStderr(): { readonly text: string; restore(): void } {
  const real = process.stderr.write
  const captured = {
    text: '',
    restore() {
      process.stderr.write = real
    },
  }
  process.stderr.write = ((piece: string | Uint8Array) => {
    captured.text += String(piece)
    return true
  }) as typeof process.stderr.write
  return captured
}
