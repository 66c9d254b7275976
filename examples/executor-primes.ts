/**
 * The two programs of Python's page on `concurrent.futures`: primes checked by processes, then results of threads in the
 * order in which they finish.
 */
import { each } from '@greenlit/core'
import { parentProcess } from '@greenlit/process'
import { asCompleted, ProcessPoolExecutor, ThreadPoolExecutor } from '@greenlit/process/futures'

const NUMBERS = [112272535095293, 112582705942171, 112272535095293, 115280095190773, 115797848077099, 1099726899285419]

export function isPrime(number: number) {
  if (number < 2) return false
  if (number % 2 === 0) return number === 2
  for (let divisor = 3; divisor * divisor <= number; divisor += 2) if (number % divisor === 0) return false
  return true
}

async function main() {
  const target = { module: import.meta.url, export: 'isPrime' }

  await using processes = new ProcessPoolExecutor(2)
  let index = 0
  for await (const prime of processes.map<typeof isPrime>(target, NUMBERS)) {
    console.log(`${NUMBERS[index]} is prime: ${prime}`)
    index += 1
  }

  await using threads = new ThreadPoolExecutor({ maxWorkers: 2 })
  const numbers = new Map([97, 98, 99].map((number) => [threads.submit<typeof isPrime>(target, number), number]))
  await each(asCompleted(numbers.keys(), { timeout: 60_000 }), function* (future) {
    console.log(`${numbers.get(future)} is prime: ${yield* future.result()}`)
  })
}

if (parentProcess() === undefined) await main()
