/** Handlers loaded by child processes in the tests. */
import { appendFileSync } from 'node:fs'
import { sleep } from '@greenlit/core'
import { BaseRequestHandler, DatagramRequestHandler, StreamRequestHandler } from '@greenlit/net'
import { SystemExit } from '@greenlit/process'

export class Echo extends StreamRequestHandler {
  *handle() {
    const line = yield* this.rfile.readline()
    yield* this.wfile.write(`${process.pid} ${line}`)
  }
}

/** Reads to the end of the client's stream before it replies. */
export class Whole extends StreamRequestHandler {
  *handle() {
    const text = yield* this.rfile.read()
    yield* sleep(5)
    yield* this.wfile.write(text.toString().toUpperCase())
  }
}

export class Failing extends BaseRequestHandler {
  *handle() {
    const path = yield* this.request.recv(1024)
    appendFileSync(path.toString(), 'Handler called\n')
    throw new RangeError('the child fails')
  }
}

export class Exiting extends BaseRequestHandler {
  *handle() {
    const path = yield* this.request.recv(1024)
    appendFileSync(path.toString(), 'Handler called\n')
    throw new SystemExit(1)
  }
}

export class Dying extends BaseRequestHandler {
  *handle() {
    yield* this.request.recv(1)
    process.kill(process.pid, 'SIGKILL')
    yield* sleep(60_000)
  }
}

export class Describing extends BaseRequestHandler {
  *handle() {
    yield* this.request.sendall(JSON.stringify([this.server.serverAddress, this.clientAddress]))
  }
}

export class Large extends BaseRequestHandler {
  *handle() {
    yield* this.request.sendall(Buffer.alloc(4_000_000, 'x'))
  }
}

export class DatagramEcho extends DatagramRequestHandler {
  *handle() {
    yield* this.wfile.write(yield* this.rfile.read())
  }
}

export class TooLarge extends DatagramRequestHandler {
  *handle() {
    yield* this.wfile.write(Buffer.alloc(70_000))
  }
}

export function* serve(request, clientAddress, server) {
  yield* request.sendall(JSON.stringify([server.serverAddress, clientAddress]))
}
