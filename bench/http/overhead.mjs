/** The cost of a session itself: requests on an engine that answers at once, without a network. `node bench/http/overhead.mjs [get]` */
import { run } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import { Session } from '@greenlit/http'

const bytes = Buffer.alloc(1024, 'x')
const rawHeaders = ['Content-Type', 'text/plain', 'Content-Length', '1024', 'Date', 'now', 'Connection', 'keep-alive']
const body = {
  whole: () => bytes,
  readAll: () => new Done(bytes),
  read: () => new Done(undefined),
  discard() {},
  destroy() {},
}
const engine = { send: () => new Done({ statusCode: 200, reason: 'OK', rawHeaders, body }), close() {} }
const url = 'http://127.0.0.1:8080/1024'
const shared = new Session({ engine })
const one = process.argv[2] === 'get' ? () => new Session({ engine }).get(url) : () => shared.get(url)

await run(function* () {
  for (let round = 0; round < 6; round += 1) {
    const started = process.hrtime.bigint()
    for (let index = 0; index < 50_000; index += 1) (yield* one()).content
    console.log(`${(Number(process.hrtime.bigint() - started) / 50_000 / 1000).toFixed(2)} us`)
  }
})
