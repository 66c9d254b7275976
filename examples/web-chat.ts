/**
 * A chat over HTTP: a greenlet per request on Node's own server, where gevent has pywsgi. `POST /` adds a line, `GET /?after=N`
 * waits until there are more than N lines. `node examples/dist/web-chat.js [PORT]`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { attempt, Condition, each, iterate, once, run, spawn } from '@greenlit/core'

const LONGEST_WAIT = 20_000
const MOST_CHARACTERS = 10_000

const lines: string[] = []
const news = new Condition()

function* say(request: IncomingMessage, response: ServerResponse) {
  let text = ''
  const read = yield* attempt(
    each(iterate(request.setEncoding('utf8')), function* (piece: string) {
      if (text.length <= MOST_CHARACTERS) text += piece
    }),
  )
  if (!read.ok) return // the client disconnected during the request
  if (text.length > MOST_CHARACTERS) {
    response.writeHead(413).end()
    return
  }
  using _held = yield* news.hold()
  lines.push(text)
  news.notifyAll()
  response.writeHead(204).end()
}

function* listen(response: ServerResponse, after: number) {
  using _held = yield* news.hold()
  yield* news.waitFor(() => lines.length > after, { timeout: LONGEST_WAIT })
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(lines.slice(after)))
}

function* serve(request: IncomingMessage, response: ServerResponse) {
  const after = /^\/\?after=(\d+)$/.exec(request.url ?? '')?.[1] ?? 0
  if (request.method === 'POST') yield* say(request, response)
  else if (request.method === 'GET') yield* listen(response, Number(after))
  else response.writeHead(405).end()
}

const server = createServer((request, response) => {
  const greenlet = spawn(serve, request, response)
  response.on('close', () => greenlet.kill()) // the response is finished, or the client has disconnected
})

await run(function* () {
  server.listen(Number(process.argv[2] ?? 8000), '127.0.0.1')
  yield* once(server, 'listening')
  console.log(`listening on port ${(server.address() as AddressInfo).port}`)
  try {
    yield* once(server, 'close')
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
