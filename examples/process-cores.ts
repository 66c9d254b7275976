/** All cores search for primes while this process keeps answering on a socket, which a computation in a coroutine would block. */
import { joinall, type Operation, spawn } from '@greenlit/core'
import { createConnection, type Socket, StreamServer } from '@greenlit/net'
import { cpuCount, Pool, parentProcess } from '@greenlit/process'

export function countPrimes(from: number, to: number): number {
  let count = 0
  for (let candidate = Math.max(2, from); candidate < to; candidate += 1) {
    let divisor = 2
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 1
    if (divisor * divisor > candidate) count += 1
  }
  return count
}

function* echo(socket: Socket) {
  for (let bytes = yield* socket.recv(1024); bytes.length > 0; bytes = yield* socket.recv(1024))
    yield* socket.sendall(bytes)
}

/** Sends requests until the work is done; returns the longest response time in milliseconds. */
function* ask(port: number, work: Operation<unknown> & { ready(): boolean }) {
  const socket = yield* createConnection(['127.0.0.1', port])
  let longest = 0
  let answers = 0
  while (!work.ready() || answers === 0) {
    const asked = performance.now()
    yield* socket.sendall('ping')
    yield* socket.recv(1024)
    longest = Math.max(longest, performance.now() - asked)
    answers += 1
  }
  socket.close()
  return { answers, longest }
}

async function main() {
  const server = new StreamServer(['127.0.0.1', 0], echo)
  await server.start()
  const pool = new Pool(cpuCount())
  const parts = Array.from({ length: 40 }, (_, part) => [part * 25_000, (part + 1) * 25_000] as const)
  const primes = pool.starmapAsync<number>({ module: import.meta.url, export: 'countPrimes' }, parts, { chunksize: 1 })
  const asking = spawn(ask, server.serverPort!, primes)
  await joinall([asking])
  const { answers, longest } = await asking
  const total = (await primes).reduce((sum, count) => sum + count, 0)
  console.log(`${total} primes below ${parts.length * 25_000}`)
  console.log(`meanwhile ${answers} answers, the slowest after ${Math.ceil(longest)} ms`)
  pool.close()
  await pool.join()
  await server.stop()
}

if (parentProcess() === undefined) await main()
