/** The server of the http benchmarks, in a process of its own: it responds to `/N` with N bytes. Prints its port. */
import { createServer } from 'node:http'

const bodies = new Map()
const server = createServer((request, response) => {
  const size = Number(request.url.slice(1)) || 0
  let body = bodies.get(size)
  if (body === undefined) bodies.set(size, (body = Buffer.alloc(size, 'x')))
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': size })
  response.end(body)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
process.stdin.resume().on('end', () => process.exit(0))
