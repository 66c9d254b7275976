/**
 * The client of the upper-case server: sends each word and prints the answer.
 * `node examples/dist/upper-case-client.js [PORT [WORD...]]`
 */
import { run } from '@greenlit/core'
import { createConnection } from '@greenlit/net'

const [port = '9999', ...given] = process.argv.slice(2)
const words = given.length > 0 ? given : ['hello', 'world']

await run(function* () {
  using client = yield* createConnection(['127.0.0.1', Number(port)], { timeout: 5_000 })
  using answers = client.makefile('r')
  for (const word of words) {
    yield* client.sendall(`${word}\n`)
    console.log(`${word} -> ${(yield* answers.readline()).trim()}`)
  }
})
