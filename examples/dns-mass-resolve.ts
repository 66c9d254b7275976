/**
 * Resolves many names, ten at a time, and prints what is known after two seconds.
 * `node examples/dist/dns-mass-resolve.js [NAME...]`
 */
import { Pool, withTimeout } from '@greenlit/core'
import { gaierror, gethostbyname } from '@greenlit/net'

const given = process.argv.slice(2)
const names = given.length > 0 ? given : Array.from({ length: 100 }, (_, index) => `${index}.com`)
let finished = 0

function* resolve(name: string) {
  try {
    console.log(`${name} = ${yield* gethostbyname(name)}`)
  } catch (error) {
    if (!(error instanceof gaierror)) throw error
    console.log(`${name} failed: ${error.message}`)
  }
  finished += 1
}

const pool = new Pool(10)
await withTimeout(
  2_000,
  function* () {
    for (const name of names) yield* pool.spawn(resolve, name)
    yield* pool.join()
  },
  { timeoutValue: undefined },
)
await pool.kill()
console.log(`resolved within two seconds: ${finished} of ${names.length}`)
