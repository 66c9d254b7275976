import { expect, test } from 'vitest'
import { runExample } from './support/run-example.ts'

async function linesOf(name: string): Promise<readonly string[]> {
  const run = await runExample(name)
  expect(run.errors).toBe('')
  expect(run.status).toBe(0)
  return run.lines
}

test('a process reads what another writes to a queue', async () => {
  const lines = await linesOf('process-queue')
  const values = ['A', 'B', 'C']
  expect(lines.filter((line) => line.startsWith('put'))).toEqual(values.map((value) => `put ${value} in the queue`))
  expect(lines.filter((line) => line.startsWith('got'))).toEqual(values.map((value) => `got ${value} from the queue`))
  expect(lines.at(-1)).toBe('both are done')
}, 60_000)

test('two brothers talk through a pipe', async () => {
  const lines = await linesOf('process-pipe')
  expect(lines).toEqual(['the younger hears: do you hear me?', 'the older hears: loud and clear'])
}, 60_000)

test('ten processes fill the dict and the list of a manager', async () => {
  expect(await linesOf('process-manager')).toEqual([
    'the dict: 0: 0, 1: 1, 2: 4, 3: 9, 4: 16, 5: 25, 6: 36, 7: 49, 8: 64, 9: 81',
    'the list, sorted: 0 1 2 3 4 5 6 7 8 9',
  ])
}, 60_000)

test('a pool of five calls back with each result and with the error', async () => {
  const lines = await linesOf('process-pool')
  const expected = Array.from({ length: 10 }, (_, number) =>
    number === 7 ? 'failed: seven is not allowed' : `called back: ${number} squared is ${number * number}`,
  )
  expect([...lines.slice(0, -1)].sort()).toEqual(expected.sort())
  expect(lines.at(-1)).toBe('all are done')
}, 60_000)

test('processes and threads say which numbers are prime', async () => {
  const lines = await linesOf('executor-primes')
  expect(lines.slice(0, 6)).toEqual([
    '112272535095293 is prime: true',
    '112582705942171 is prime: true',
    '112272535095293 is prime: true',
    '115280095190773 is prime: true',
    '115797848077099 is prime: true',
    '1099726899285419 is prime: false',
  ])
  expect(lines.slice(6).sort()).toEqual(['97 is prime: true', '98 is prime: false', '99 is prime: false'])
}, 60_000)

test('four processes count to 100 under one lock', async () => {
  expect(await linesOf('process-lock')).toEqual(['counted to 100'])
}, 60_000)

test('a live server goes on answering while all cores compute', async () => {
  const [primes, answers] = await linesOf('process-cores')
  expect(primes).toBe('78498 primes below 1000000')
  const [, count, slowest] = /meanwhile (\d+) answers, the slowest after (\d+) ms/.exec(answers!)!
  expect(Number(count)).toBeGreaterThan(10)
  expect(Number(slowest)).toBeLessThan(5000)
}, 60_000)

test('programs stand in a pipeline, are talked to and timed', async () => {
  expect(await linesOf('shell-pipeline')).toEqual([
    '1 apple',
    '2 pear',
    'A LINE FOR A PROGRAM',
    'Command ["sleep","60"] timed out after 50 ms',
  ])
}, 60_000)

test('threads draw rows in order while greenlets go on', async () => {
  const lines = await linesOf('mandelbrot')
  expect(lines.at(-1)).toBe('the clock went on: true')
  const rows = lines.slice(0, -1)
  expect(rows).toEqual(rows.toReversed())
  expect(rows.some((row) => row.includes('##########'))).toBe(true)
}, 60_000)
