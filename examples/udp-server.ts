/**
 * A UDP server that answers in capitals; with the argument `client`, its client.
 * `node examples/dist/udp-server.js PORT [client WORD...]`
 */
import { run } from '@greenlit/core'
import { AF_INET, DatagramRequestHandler, SOCK_DGRAM, socket, UDPServer } from '@greenlit/net'

class UpperCase extends DatagramRequestHandler {
  override *handle() {
    const data = yield* this.rfile.read()
    console.log(`${this.clientAddress[0]} wrote: ${data}`)
    yield* this.wfile.write(data.toString().toUpperCase())
  }
}

function* serve(port: number) {
  using server = yield* new UDPServer(['127.0.0.1', port], UpperCase).activate()
  console.log(`listening on port ${server.serverAddress[1]}`)
  yield* server.serveForever()
}

function* ask(port: number, words: readonly string[]) {
  using client = socket(AF_INET, SOCK_DGRAM)
  client.settimeout(5_000)
  for (const word of words) {
    yield* client.sendto(word, ['127.0.0.1', port])
    const [answer] = yield* client.recvfrom(1024)
    console.log(`${word} -> ${answer}`)
  }
}

const [port = '9999', role, ...words] = process.argv.slice(2)
await run(() => (role === 'client' ? ask(Number(port), words) : serve(Number(port))))
