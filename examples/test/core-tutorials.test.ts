import { expect, test } from 'vitest'
import { runExample } from './support/run-example.ts'

async function linesOf(name: string): Promise<readonly string[]> {
  const run = await runExample(name)
  expect(run.errors).toBe('')
  expect(run.status).toBe(0)
  return run.lines
}

test('manual switching hands control back and forth', async () => {
  expect(await linesOf('manual-switching')).toEqual(['1', '3', '2', '4'])
})

test('three greenlets that sleep 3, 2 and 4 seconds wake in order and end after 4', async () => {
  expect(await linesOf('three-sleepers')).toEqual([
    'first sleeps 3 s',
    'second sleeps 2 s',
    'third sleeps 4 s',
    'second is awake',
    'first is awake',
    'third is awake',
    'all awake after 4 s',
  ])
})

test('a generator consumes what its producer sends', async () => {
  const lines = await linesOf('generator-producer-consumer')
  expect(lines.slice(0, 3)).toEqual(['producing 1', 'consuming 1', 'the consumer says: 1 is eaten'])
  expect(lines).toHaveLength(15)
})

test('two threads run one after the other to their join, and fifty waits take as long as one', async () => {
  const lines = await linesOf('threads')
  expect(lines.slice(0, 4)).toEqual(['task t1 begins', 'task t2 begins', 'task t1 is done', 'task t2 is done'])
  expect(Number(/took ([\d.]+) s/.exec(lines[4]!)![1])).toBeLessThan(2)
})

test('a lock keeps counts that are lost without it', async () => {
  expect(await linesOf('lock')).toEqual(['without the lock: 1', 'with the lock: 50'])
})

test('a recursive lock is taken again by its holder', async () => {
  expect(await linesOf('recursive-lock')).toEqual([
    '3 greenlets are alive',
    '1 apples, 1 pears',
    '2 apples, 2 pears',
    '3 apples, 3 pears',
    'all threads done: 3 apples, 3 pears',
  ])
})

test('a bounded semaphore lets five work at a time, and refuses one release too many', async () => {
  const lines = await linesOf('bounded-semaphore')
  expect(lines.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, number) => `run the thread: ${number}`))
  expect(lines.slice(20)).toEqual(['all done, at most 5 at a time', 'one release too many: RangeError'])
})

test('cars stop at the red light and go on at the green one', async () => {
  const lines = await linesOf('traffic-light')
  const at = (line: string) => lines.indexOf(line)
  expect(lines.slice(0, 2)).toEqual(['Tesla runs', 'Mini runs'])
  for (const car of ['Tesla', 'Mini']) {
    expect(at('the light turns red')).toBeLessThan(at(`${car} sees the red light and waits`))
    expect(at(`${car} sees the red light and waits`)).toBeLessThan(at('the light turns green'))
    expect(at('the light turns green')).toBeLessThan(at(`${car} sees the green light and starts`))
  }
})

test('a producer waits for its consumers, and they eat everything once', async () => {
  const lines = await linesOf('producer-consumers')
  const taken = lines.filter((line) => line.includes(' takes ')).map((line) => line.split(' takes ')[1])
  expect(taken).toEqual(['bun 1', 'bun 2', 'bun 3', 'bun 4', 'bun 5', 'bun 6'])
  expect(lines.at(-1)).toBe('all buns are eaten')
})

test('queues give items back in their own orders', async () => {
  const items = (name: string, lines: readonly string[]) =>
    lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length + 2))
  const lines = await linesOf('queues')
  expect(items('first in, first out', lines)).toEqual(['1', '2', '3'])
  expect(items('last in, first out', lines)).toEqual(['3', '2', '1'])
  expect(items('smallest first', lines)).toEqual(['[-1,"minus one"]', '[3,"three"]', '[10,"ten"]'])
})

test('greenlets give way where they sleep', async () => {
  expect(await linesOf('gevent-sleeping')).toEqual([
    'func1 begins',
    'func2 begins',
    'func3 begins',
    'func3 goes on after 0',
    'func2 goes on after 1',
    'func1 goes on after 2',
    // 0.2 s, on a machine that has time.
    expect.stringMatching(/^took as long as the longest: \d+\.\d s$/),
  ])
})

test('philosophers deadlock with a report of who waits, and dine once their forks have an order', async () => {
  const names = ['Ada', 'Alan', 'Grace', 'Edsger', 'Barbara']
  expect(await linesOf('dining-philosophers')).toEqual([
    'a deadlock:',
    '  the plain program waits on joinall of 5 greenlets, 5 to go',
    ...names.map((name) => `  <Greenlet ${name}> waits on Lock.acquire`),
    ...names.map((name) => `${name} ate 3 times`),
  ])
})

test('actors answer what comes to their inboxes', async () => {
  expect(await linesOf('actors')).toEqual([
    ...['ping 1', 'pong 2', 'ping 3', 'pong 4', 'ping 5', 'pong 6'],
    'the match is over',
  ])
})
