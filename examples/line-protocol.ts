/** A line protocol (SET, GET, QUIT) whose clients have 500 ms for each line. `node dist/line-protocol.js [PORT]` */
import { run } from '@greenlit/core'
import { StreamRequestHandler, ThreadingTCPServer, TimeoutError } from '@greenlit/net'

const values = new Map<string, string>()

class Store extends StreamRequestHandler {
  override timeout = 500

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
  using server = yield* new ThreadingTCPServer(['127.0.0.1', Number(process.argv[2] ?? 7000)], Store).activate()
  console.log(`listening on port ${server.serverAddress[1]}`)
  yield* server.serveForever()
})
