/** The handler of the forking server: a module of its own, so that each child process can load it. */
import { StreamRequestHandler } from '@greenlit/net'

export class Handler extends StreamRequestHandler {
  override *handle() {
    const line = yield* this.rfile.readline()
    yield* this.wfile.write(`process ${process.pid} answers: ${line.toString().toUpperCase()}`)
  }
}
