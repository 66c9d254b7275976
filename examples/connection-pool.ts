/** A client with a pool of connections for a key-value server of Redis' protocol: fifty greenlets share three connections. */
import { attempt, type Coroutine, joinall, Queue, run, spawn } from '@greenlit/core'
import { type BinaryFile, createConnection, type InetAddress, StreamServer } from '@greenlit/net'

type Reply = string | number | undefined | Reply[]

/** Reads one value of the protocol. */
function* read(file: BinaryFile): Coroutine<Reply> {
  const line = String(yield* file.readline())
  if (line === '') throw new Error('the connection has ended')
  const [kind, rest] = [line[0], line.slice(1, -2)]
  if (kind === '+') return rest
  if (kind === '-') throw new Error(rest)
  if (kind === ':') return Number(rest)
  const length = Number(rest)
  if (kind === '$') return length < 0 ? undefined : String((yield* file.read(length + 2)).subarray(0, length))
  const items: Reply[] = []
  while (items.length < length) items.push(yield* read(file))
  return items
}

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

const values = new Map<string, string>()
const commands: Record<string, (key: string, value: string) => string> = {
  SET: (key, value) => values.set(key, value) && '+OK\r\n',
  GET: (key) => (values.has(key) ? bulk(values.get(key)!) : '$-1\r\n'),
  INCR(key) {
    values.set(key, String(Number(values.get(key) ?? 0) + 1))
    return `:${values.get(key)}\r\n`
  },
}
const server = new StreamServer(['127.0.0.1', 0], function* (socket) {
  using file = socket.makefile('rwb')
  for (;;) {
    const request = yield* attempt(read(file))
    if (!request.ok) return
    const [name, key = '', value = ''] = request.value as string[]
    yield* file.write(commands[name!]?.(key, value) ?? `-ERR unknown command '${name}'\r\n`)
    yield* file.flush()
  }
})

class Client {
  private readonly address: InetAddress
  private readonly free = new Queue<BinaryFile>()
  private room: number
  opened = 0

  constructor(address: InetAddress, size: number) {
    this.address = address
    this.room = size
  }

  *command(...parts: string[]): Coroutine<Reply> {
    const file = yield* this.take()
    try {
      yield* file.write(`*${parts.length}\r\n${parts.map(bulk).join('')}`)
      yield* file.flush()
      return yield* read(file)
    } finally {
      this.free.putNowait(file)
    }
  }

  private *take(): Coroutine<BinaryFile> {
    if (!this.free.empty() || this.room === 0) return yield* this.free.get()
    this.room -= 1
    const socket = yield* createConnection(this.address, { timeout: 5_000 })
    this.opened += 1
    const file = socket.makefile('rwb')
    socket.close() // the file keeps the connection open until it is closed too
    return file
  }

  close(): void {
    while (!this.free.empty()) this.free.getNowait().close()
  }
}

await run(function* () {
  yield* server.start()
  const client = new Client(server.address as InetAddress, 3)
  console.log(yield* client.command('SET', 'name', 'Grace'), yield* client.command('GET', 'name'))
  const counting = Array.from({ length: 50 }, () => spawn(() => client.command('INCR', 'visits')))
  yield* joinall(counting, { raiseError: true })
  console.log(`${yield* client.command('GET', 'visits')} visits over ${client.opened} connections`)
  try {
    yield* client.command('DANCE')
  } catch (error) {
    console.log((error as Error).message)
  }
  client.close()
  yield* server.stop()
})
