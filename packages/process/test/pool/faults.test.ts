import { activeChildren, Pool, run as runProgram } from '@greenlit/process'
import { expect, test } from 'vitest'
import { guardLeaks, run } from '../guard.ts'

guardLeaks()

/** A reproducible sequence of pseudo-random numbers from 0 to 1. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed
  for (;;) yield (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
}

test('with retries, each of 1,000 results arrives once although workers are killed at random', () =>
  run(function* () {
    const random = numbers(7)
    const killPoints = new Set(Array.from({ length: 10 }, () => Math.floor(random.next().value * 990)))
    const pool = new Pool(3, { retries: 5 })
    const target = { module: new URL('../fixtures/pool.mjs', import.meta.url), export: 'squareSleeping' }
    const arrived: number[] = []
    const callback = (value: number) => {
      arrived.push(value)
      if (!killPoints.delete(arrived.length)) return
      const children = activeChildren()
      children[Math.floor(random.next().value * children.length)]!.kill()
    }
    const results = Array.from({ length: 1000 }, (_, i) => pool.applyAsync<number>(target, [i], { callback }))
    const values: number[] = []
    try {
      for (const result of results) values.push(yield* result)
    } finally {
      yield* pool.terminate()
    }
    const squares = Array.from({ length: 1000 }, (_, i) => i * i)
    expect(values).toEqual(squares)
    expect(arrived.sort((a, b) => a - b)).toEqual(squares)
    expect(killPoints.size).toBe(0)
  }))

test('fails the call of a worker that dies, even if nothing else keeps the program alive', () =>
  run(function* () {
    const script = `
      import { Pool } from '@greenlit/process'
      const pool = new Pool(1)
      await pool.apply({ module: 'node:process', export: 'exit' }, [3]).then(undefined, ({ name }) => console.log(name))
      await pool.terminate()
    `
    const program = [process.execPath, '--input-type=module', '-e', script]
    const ended = yield* runProgram(program, { captureOutput: true, text: true, cwd: new URL('.', import.meta.url) })
    expect([ended.stdout, ended.stderr]).toEqual(['ProcessDiedError\n', ''])
  }))
