/** A pool of five processes works through ten tasks; a callback receives each result as soon as it is ready. */
import { sleep } from '@greenlit/core'
import { Pool, parentProcess } from '@greenlit/process'

export function* task(number: number) {
  yield* sleep(10)
  if (number === 7) throw new RangeError('seven is not allowed')
  return `${number} squared is ${number * number}`
}

async function main() {
  const pool = new Pool(5)
  const target = { module: import.meta.url, export: 'task' }
  const callback = (text: unknown) => console.log(`called back: ${text}`)
  const errorCallback = (error: unknown) => console.log(`failed: ${(error as Error).message}`)
  for (let number = 0; number < 10; number += 1) pool.applyAsync(target, [number], { callback, errorCallback })
  pool.close()
  await pool.join()
  console.log('all are done')
}

if (parentProcess() === undefined) await main()
