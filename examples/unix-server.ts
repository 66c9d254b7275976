/** A threading server on a unix path and three of its clients at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { joinall, run, spawn } from '@greenlit/core'
import { AF_UNIX, StreamRequestHandler, socket, ThreadingUnixStreamServer } from '@greenlit/net'

class Reverse extends StreamRequestHandler {
  override *handle() {
    const line = (yield* this.rfile.readline()).toString().trim()
    yield* this.wfile.write([...line].reverse().join(''))
  }
}

function* ask(path: string, word: string) {
  using client = socket(AF_UNIX)
  yield* client.connect(path)
  yield* client.sendall(`${word}\n`)
  console.log(`${word} -> ${yield* client.recv(1024)}`)
}

const folder = mkdtempSync(join(tmpdir(), 'unix-server-'))
await run(function* () {
  using server = yield* new ThreadingUnixStreamServer(join(folder, 'server.sock'), Reverse).activate()
  spawn(() => server.serveForever())
  yield* joinall(['greenlet', 'hub', 'switch'].map((word) => spawn(ask, server.serverAddress, word)))
  yield* server.shutdown()
})
rmSync(folder, { recursive: true })
