/**
 * A line protocol (SET, GET, QUIT) whose clients have 1.5 s for each line; over TLS with a certificate and its key.
 * `node examples/dist/line-protocol.js [PORT [CERTIFICATE KEY]]`
 */
import { run } from '@greenlit/core'
import { PROTOCOL_TLS_SERVER, SSLContext, StreamRequestHandler, ThreadingTCPServer, TimeoutError } from '@greenlit/net'

const [port = '7000', certificate, key] = process.argv.slice(2)
const context = new SSLContext(PROTOCOL_TLS_SERVER)
if (certificate !== undefined) context.loadCertChain(certificate, key)

const values = new Map<string, string>()

class Store extends StreamRequestHandler {
  override timeout = 1500

  override *setup() {
    this.request.settimeout(this.timeout)
    if (certificate !== undefined) this.request = yield* context.wrapSocket(this.request, { serverSide: true })
    yield* super.setup()
  }

  override *finish() {
    yield* super.finish()
    this.request.close()
  }

  override *handle() {
    try {
      for (let line = yield* this.rfile.readline(1024); line.length > 0; line = yield* this.rfile.readline(1024)) {
        const answer = this.answer(line.toString().trim())
        yield* this.wfile.write(`${answer}\r\n`)
        if (answer === 'BYE') return
      }
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      yield* this.wfile.write('ERROR too slow\r\n')
    }
  }

  private answer(line: string): string {
    const [command, key = '', value = ''] = line.split(' ')
    if (command === 'QUIT') return 'BYE'
    if (command === 'GET') return values.has(key) ? `VALUE ${values.get(key)}` : 'NONE'
    if (command !== 'SET') return `ERROR unknown command ${command}`
    values.set(key, value)
    return 'OK'
  }
}

await run(function* () {
  using server = yield* new ThreadingTCPServer(['127.0.0.1', Number(port)], Store).activate()
  console.log(`listening on port ${server.serverAddress[1]}`)
  yield* server.serveForever()
})
