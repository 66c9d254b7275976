import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Event, LoopExit } from '@greenlit/core'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

/** Waits for the given number of milliseconds in real time, even under fake timers. */
const idleFor = promisify(setTimeout)

const core = new URL('../../dist/index.js', import.meta.url).href

function program(text: string, flags: readonly string[] = []) {
  const source = `import * as core from '${core}'
    const { AsyncResult, Event, Queue, RLock, getHub, joinall, scope, shield, sleep, spawn, until, wait } = core
    ${text}`
  return promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', source])
}

/** Runs a program in a process of its own, against the built package; returns the lines it printed and its exit status. */
async function runProgram(text: string, flags?: readonly string[]): Promise<{ lines: string[]; status: unknown }> {
  const { stdout, code } = await program(text, flags).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: unknown }) => error,
  )
  return { lines: stdout.trim().split('\n'), status: code }
}

describe('a deadlocked program', () => {
  test('gets LoopExit at each deadlock, and goes on', async () => {
    const { lines, status } = await runProgram(`
      for (const wait of [() => new Event().wait(), () => new Queue().get(), () => spawn(() => new AsyncResult().get())]) {
        try {
          await wait()
        } catch (error) {
          console.log(error.code)
        }
      }
      await sleep(1)
      console.log('end')
    `)
    expect(lines).toEqual(['LOOP_EXIT', 'LOOP_EXIT', 'LOOP_EXIT', 'end'])
    expect(status).toBe(0)
  })

  test('gets LoopExit where it waits for a promise that never settles', async () => {
    const { lines } = await runProgram(`
      await until(new Promise(() => {})).then(() => console.log('settled'), (error) => console.log(error.code))
    `)
    expect(lines).toEqual(['LOOP_EXIT'])
  })

  test('gets a report that names the call each greenlet waits on', async () => {
    const { lines } = await runProgram(`
      const queue = new Queue(1, { items: [1] })
      const lock = new RLock()
      await lock.acquire()
      const waits = [
        () => queue.put(2),
        () => queue.join(),
        () => lock.acquire(),
        () => scope((group) => void group.spawn(() => new Event().wait())),
      ]
      const greenlets = waits.map((wait) => spawn(wait))
      await joinall(greenlets).then(undefined, ({ message }) => console.log(message))
    `)
    const waited = lines.map((line) => / waits on (.*)/.exec(line)?.[1]).filter((what) => what !== undefined)
    const calls = ['Queue.put', 'Queue.join', 'RLock.acquire', 'Group.join', 'Event.wait']
    expect(waited).toEqual(['joinall of 4 greenlets, 4 to go', ...calls])
  })

  test('gets LoopExit behind a shield too', async () => {
    const { lines } = await runProgram(`
      await shield(new Event().wait()).then(undefined, (error) => console.log(error.code))
    `)
    expect(lines).toEqual(['LOOP_EXIT'])
  })

  test('waits for the end of a greenlet that swallows its kill, unless a shield holds the kill back', async () => {
    const { lines, status } = await runProgram(`
      function* swallow() {
        for (;;) {
          try {
            yield* new Event().wait()
          } catch {}
        }
      }
      const worker = spawn(swallow)
      const shielded = spawn(() => shield(new Event().wait()))
      await sleep(0)
      await worker.kill({ grace: 50 })
      console.log(worker.dead)
      await shielded.kill({ grace: 50 }).then(() => console.log('ended'), (error) => console.log(error.code))
    `)
    expect(lines).toEqual(['true', 'LOOP_EXIT'])
    expect(status).toBe(0)
  })

  test('exits with the error if nothing catches it', async () => {
    const { status } = await runProgram('await new Event().wait()')
    expect(status).toBe(1)
  })
})

describe('under the fake timers of vitest and Jest', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
  })

  test('a deadlocked greenlet gets LoopExit, in real time', async () => {
    await expect(new Event().wait()).rejects.toThrow(LoopExit)
  })

  test('a greenlet that a fake timer will wake gets no LoopExit', async () => {
    const event = new Event()
    setTimeout(() => event.set(), 60_000)
    const waits = event.wait().then(String)
    // Well past the time at which a deadlock is reported.
    await idleFor(100)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await waits).toBe('true')
  })
})

describe('a program that is not deadlocked', () => {
  test('ends by itself if greenlets wait forever but nothing waits for them', async () => {
    const { lines, status } = await runProgram(`
      spawn(() => new Event().wait())
      await sleep(1)
      console.log('end')
    `)
    expect(lines).toEqual(['end'])
    expect(status).toBe(0)
  })

  test('waits for a timer of the platform that will set its event', async () => {
    const { lines } = await runProgram(`
      const event = new Event()
      setTimeout(() => event.set(), 100)
      console.log(await event.wait())
    `)
    expect(lines).toEqual(['true'])
  })

  test.each(['Bun', 'Deno'])('waits on %s, which does not list all that is open', async (name) => {
    const platform = `globalThis.${name} = {}; process.getActiveResourcesInfo = () => []`
    const { lines } = await runProgram(
      `
        const event = new Event()
        setTimeout(() => event.set(), 100)
        console.log(await event.wait())
      `,
      ['--import', `data:text/javascript,${platform}`],
    )
    expect(lines).toEqual(['true'])
  })

  test('is not kept alive by a sleep with `ref: false`', async () => {
    const { lines, status } = await runProgram(`
      spawn(() => sleep(60_000, { ref: false }))
      console.log(await wait())
      console.log(await getHub().join({ timeout: 60_000 }))
    `)
    expect(lines).toEqual(['true', 'true'])
    expect(status).toBe(0)
  })

  test('is kept alive by a spawned greenlet that sleeps', async () => {
    const { lines } = await runProgram(`
      spawn(function* () {
        yield* sleep(30)
        console.log('slept')
      })
    `)
    expect(lines).toEqual(['slept'])
  })
})

describe('a program that a plain callback of Node may wake', () => {
  test('may wait for data on its standard input', async () => {
    const { child } = program(`
      const queue = new Queue()
      process.stdin.on('data', (data) => queue.putNowait(String(data)))
      console.log('waiting')
      console.log(await queue.get())
      process.stdin.destroy()
    `)
    await once(child.stdout!, 'data')
    // Well past the time at which a deadlock is reported.
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.stdin!.write('typed')
    expect(String(await once(child.stdout!, 'data'))).toBe('typed\n')
  })

  test('may wait for worker threads and Unix sockets', async () => {
    const { lines } = await runProgram(`
      const { Worker } = await import('node:worker_threads')
      const source = "setTimeout(() => require('worker_threads').parentPort.postMessage('done'), 300)"
      const worker = new Worker(source, { eval: true, execArgv: [] })
      const message = new AsyncResult()
      worker.on('message', (text) => message.set(text))
      console.log(await message.get())
      await worker.terminate()

      const net = await import('node:net')
      const path = (await import('node:os')).tmpdir() + '/greenlit-deadlock-' + process.pid
      const server = net.createServer((peer) => setTimeout(() => peer.end('late'), 300).unref()).listen(path)
      const answer = new AsyncResult()
      net.connect(path).on('data', (data) => answer.set(String(data)))
      console.log(await answer.get())
      server.close()
    `)
    expect(lines.slice(0, 2)).toEqual(['done', 'late'])
  })
})
