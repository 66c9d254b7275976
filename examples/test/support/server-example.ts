import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { connect as connectSecurely } from 'node:tls'
import { type ExampleRun, startExample } from './run-example.ts'

/** Starts an example that serves on a free port, uses it, ends it with SIGTERM and gives what it printed. */
export async function withServer(
  name: string,
  use: (port: number) => Promise<void>,
  args: readonly string[] = ['0'],
): Promise<ExampleRun> {
  const { child, ended } = startExample(name, args)
  try {
    await use(await portOf(child.stdout!, ended))
  } finally {
    child.kill('SIGTERM')
  }
  // A server that does not end on SIGTERM shows in its status.
  const stuck = setTimeout(() => child.kill('SIGKILL'), 5_000)
  return ended.finally(() => clearTimeout(stuck))
}

async function portOf(output: NodeJS.ReadableStream, ended: Promise<ExampleRun>): Promise<number> {
  const line = new Promise<string>((resolve) => {
    output.on('data', (text) => {
      if (/listening on port \d+/.test(String(text))) resolve(String(text))
    })
  })
  const died = ended.then((run) => {
    throw new Error(`The server ended with ${run.status}: ${run.errors}`)
  })
  return Number(/listening on port (\d+)/.exec(await Promise.race([line, died]))![1])
}

/** A client made of Node's own socket, to talk to an example in lines. */
export class LineClient {
  readonly socket: Socket
  private readonly lines: AsyncIterator<string>

  /** @param authority speaks TLS, and trusts this certificate */
  constructor(port: number, authority?: string) {
    this.socket =
      authority === undefined
        ? connect(port, '127.0.0.1')
        : connectSecurely({ port, host: '127.0.0.1', servername: 'localhost', ca: authority })
    this.socket.on('error', () => {})
    this.lines = createInterface({ input: this.socket })[Symbol.asyncIterator]()
  }

  send(text: string): void {
    this.socket.write(text)
  }

  /** The next line; `undefined` at the end. */
  async line(): Promise<string | undefined> {
    const next = await this.lines.next()
    return next.done ? undefined : next.value
  }

  async close(): Promise<void> {
    if (this.socket.destroyed) return
    this.socket.end()
    this.socket.destroy()
    await once(this.socket, 'close')
  }
}

/** Talks to a server with several clients and closes them in any case. */
export async function withClients(
  port: number,
  count: number,
  use: (...clients: LineClient[]) => Promise<void>,
  authority?: string,
): Promise<void> {
  const clients = Array.from({ length: count }, () => new LineClient(port, authority))
  try {
    await use(...clients)
  } finally {
    for (const client of clients) await client.close()
  }
}
