import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { Event, sleep, spawn, wait } from '@greenlit/core'
import {
  activeChildren,
  checkOutput,
  cpuCount,
  currentProcess,
  EOFError,
  FileNotFoundError,
  PIPE,
  Pipe,
  Popen,
  Process,
  ProcessDiedError,
  type ProcessOptions,
  parentProcess,
  Queue,
  SerializationError,
  Event as SharedEvent,
  Value,
} from '@greenlit/process'
import { afterAll, describe, expect, test } from 'vitest'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()
const module = new URL('../fixtures/process.mjs', import.meta.url)
const target = (name: string) => ({ module, export: name })
const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const file = () => join(folder, String((files += 1)))
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function* ended(options: ProcessOptions) {
  const child = new Process(options)
  child.start()
  yield* child.join()
  return child
}

describe.each(['process', 'thread'] as const)('Process as a %s', (context) => {
  test('has a process id and is alive once started, then has an exit code', () =>
    run(function* () {
      const path = file()
      const child = new Process({
        target: target('report'),
        args: [path, 1, { two: 2 }],
        kwargs: { hello: 23 },
        name: 'Reporter',
        context,
      })
      expect([child.pid, child.isAlive(), child.exitcode]).toEqual([undefined, false, undefined])
      expect(activeChildren()).not.toContain(child)
      child.start()
      expect([child.isAlive(), child.exitcode]).toEqual([true, undefined])
      expect(activeChildren()).toContain(child)
      yield* child.join()
      expect([child.isAlive(), child.exitcode, child.exception]).toEqual([false, 0, undefined])
      expect(activeChildren()).not.toContain(child)
      expect(json(path)).toEqual({
        args: [1, { two: 2 }, { hello: 23 }],
        name: 'Reporter',
        pid: child.pid,
        daemon: false,
        parent: { name: 'MainProcess', pid: process.pid },
        isMainThread: context === 'process',
      })
    }))

  test.each([
    ['nothing', 0],
    ['exitThree', 3],
    ['exitWithWords', 1],
    ['exitWithNothing', 0],
    ['fail', 1],
    ['hardExit', 9],
    ['setExitCode', 4],
  ])('%s ends with exit code %i', (name, exitcode) =>
    run(function* () {
      const child = yield* ended({ target: target(name), context })
      expect(child.exitcode).toBe(exitcode)
    }),
  )

  test('ends, after its finally blocks, with the code of a SystemExit that one of its greenlets throws', () =>
    run(function* () {
      const queue = new Queue<string>()
      const child = yield* ended({ target: target('exitInGreenlet'), args: [queue], context })
      expect([child.exitcode, yield* queue.getNowait()]).toEqual([3, 'cleaned up'])
      expect((yield* ended({ target: target('exitInGreenletOfAsync'), context })).exitcode).toBe(3)
    }))

  test('has an exit code of one byte, as the system does, however it exits', () =>
    run(function* () {
      const exits = [
        ['exitWith', -1],
        ['exitWith', 0.5],
        ['exitWith', false],
        ['exitWith', true],
        ['hardExitWith', -1],
        ['setExitCodeTo', 256],
      ] as const
      const codes = []
      for (const [name, code] of exits)
        codes.push((yield* ended({ target: target(name), args: [code], context })).exitcode)
      expect(codes).toEqual([255, 1, 0, 1, 255, 0])
    }))

  test('ends normally after an error that cannot be inspected, and loses nothing that it sent', () =>
    run(function* () {
      const queue = new Queue<Buffer>()
      const child = yield* ended({ target: target('failUnshowably'), args: [queue, 1_000_000], context })
      expect(child.exitcode).toBe(1)
      expect(child.exception!.message).toContain('cannot be shown')
      expect(yield* queue.get()).toHaveLength(1_000_000)
    }))

  test('what it sends arrives while it computes', () =>
    run(function* () {
      const [queue, event, value] = [new Queue<string>(), new SharedEvent(), new Value('i', 0)]
      const [reader, writer] = Pipe({ duplex: false })
      const child = new Process({ target: target('sendThenCompute'), args: [queue, writer, event, value], context })
      child.start()
      try {
        expect(yield* queue.get({ timeout: 20_000 })).toBe('put')
        expect(yield* reader.recv({ timeout: 20_000 })).toBe('sent')
        expect(yield* event.wait({ timeout: 20_000 })).toBe(true)
      } finally {
        value.value = 1
        yield* child.join()
        reader.close()
        writer.close()
      }
    }))

  test('receives what is sent while this process computes', () =>
    run(function* () {
      const [queue, ready, value] = [new Queue<string>(), new SharedEvent(), new Value('i', 0)]
      const child = new Process({ target: target('setOnArrival'), args: [queue, ready, value], context })
      child.start()
      yield* ready.wait()
      yield* queue.put('go')
      const deadline = performance.now() + 20_000
      while (value.value === 0 && performance.now() < deadline);
      expect(value.value).toBe(1)
      yield* child.join()
    }))

  test('loses nothing that it sent before process.exit', () =>
    run(function* () {
      const queue = new Queue<number>()
      yield* ended({ target: target('putThenExit'), args: [queue, 1000], context })
      expect(yield* queue.qsize()).toBe(1000)
    }))

  test('brings back the error that ended it', () =>
    run(function* () {
      const child = yield* ended({ target: target('fail'), context })
      expect(child.exception).toBeInstanceOf(RangeError)
      expect(child.exception).toMatchObject({ message: 'failed on purpose' })
      expect(child.exception!.stack).toContain('process.mjs')
      const none = yield* ended({ target: target('notAFunction'), context })
      expect(none.exitcode).toBe(1)
      expect(none.exception!.message).toContain('Expected')
      expect(none.exception!.message).toContain('hardExit')
    }))

  test('is ended by an uncaught error outside its coroutine', () =>
    run(function* () {
      const { exitcode, exception } = yield* ended({ target: target('throwsOutside'), context })
      expect([exitcode, exception?.message]).toEqual([
        1,
        context === 'thread' ? 'thrown outside' : 'The process ended with exit code 1',
      ])
    }))

  test('is ended by interrupt, terminate and kill, even while it computes', () =>
    run(function* () {
      const sleeper = new Process({ target: target('sleepLong'), context })
      sleeper.start()
      yield* sleeper.join({ timeout: 50 })
      expect(sleeper.isAlive()).toBe(true)
      yield* sleeper.terminate()
      yield* sleeper.join()
      expect(sleeper.exitcode).toBe(-15)
      expect(sleeper.exception).toBeInstanceOf(ProcessDiedError)
      const spinner = new Process({ target: target('spin'), context })
      spinner.start()
      yield* spinner.kill()
      expect(spinner.isAlive()).toBe(false)
      expect(spinner.exitcode).toBe(-9)
      const interrupted = new Process({ target: target('sleepLong'), context })
      expect(() => interrupted.interrupt()).toThrow('Expected the process to be started')
      interrupted.start()
      yield* interrupted.interrupt()
      yield* interrupted.join()
      expect(interrupted.exitcode).toBe(-2)
      yield* interrupted.interrupt()
      interrupted.close()
      expect(() => interrupted.interrupt()).toThrow(RangeError)
    }))

  test('five at a time all end', () =>
    run(function* () {
      const children = Array.from({ length: 5 }, () => new Process({ target: target('nothing'), context }))
      for (const child of children) child.start()
      for (const child of children) yield* child.join()
      expect(children.map((child) => child.exitcode)).toEqual([0, 0, 0, 0, 0])
    }))

  test('can be waited for together with other objects', () =>
    run(function* () {
      const child = new Process({ target: target('nothing'), context })
      child.start()
      const never = new Event()
      expect(yield* wait([never, child.sentinel], { count: 1 })).toEqual([child.sentinel])
      expect(yield* wait([child])).toEqual([child])
      expect(child.sentinel.ready()).toBe(true)
    }))

  test('has a sentinel whose links are called once, and can be removed before and after that', () =>
    run(function* () {
      const { sentinel } = yield* ended({ target: target('nothing'), context })
      const told: string[] = []
      const link = () => told.push('told')
      sentinel.rawlink(link)
      sentinel.rawlink(link)
      sentinel.unlink(link)
      while (told.length === 0) yield* sleep(0)
      sentinel.rawlink(link)
      sentinel.unlink(link)
      sentinel.rawlink(() => told.push('last'))
      while (!told.includes('last')) yield* sleep(0)
      expect(told).toEqual(['told', 'last'])
    }))

  test('does not wait for daemonic children, which can have only threads as children', () =>
    run(function* () {
      const path = file()
      const child = yield* ended({ target: target('daemonicParent'), args: [path], daemon: true, context })
      expect(child.exitcode).toBe(0)
      const refusal = 'Expected a daemonic process to have no children but threads'
      expect(json(path)).toEqual([context === 'process' ? refusal : 0, 0])
      const other = file()
      yield* ended({ target: target('leavesDaemon'), args: [other], context })
      const [pid, count] = json(other) as [number, number]
      expect(count).toBe(1)
      while (isRunning(pid)) yield* sleep(10)
    }))

  test('a daemon that was linked before its start keeps the program alive', () =>
    run(function* () {
      const child = new Process({ target: target('nothing'), daemon: true })
      const waiter = spawn(() => wait([child]))
      yield* sleep(0)
      child.start()
      expect(process.getActiveResourcesInfo()).toContain('ProcessWrap')
      yield* waiter
    }))

  test('a greenlet can be killed in join', () =>
    run(function* () {
      const child = new Process({ target: target('sleepLong'), context })
      child.start()
      const joiner = spawn(() => child.join())
      yield* sleep(0)
      yield* joiner.kill()
      expect(child.isAlive()).toBe(true)
      child.kill()
      yield* child.join()
    }))
})

describe('Process', () => {
  test('rejects invalid targets, and says why', () => {
    const bad = (value: unknown) => () => new Process({ target: value as never })
    expect(bad(() => 1)).toThrow('a function cannot go to another process')
    expect(bad(undefined)).toThrow('Expected `target` to be { module, export }')
    expect(bad({ module, export: 5 })).toThrow('Expected `target.export`')
    expect(bad({ module: 5, export: 'x' })).toThrow('Expected `target.module`')
    expect(bad({ module: './process.mjs', export: 'x' })).toThrow('new URL("./process.mjs", import.meta.url)')
    expect(bad({ module: new URL('./missing.mjs', module), export: 'x' })).toThrow(FileNotFoundError)
    expect(() => new Process({ target: target('x'), args: 5 as never })).toThrow('Expected `args`')
    expect(() => new Process({ target: target('x'), kwargs: 5 as never })).toThrow('Expected `kwargs`')
    expect(() => new Process({ target: target('x'), context: 'fork' as never })).toThrow('Expected `context`')
    expect(() => new Process({ target: target('x'), name: 5 as never })).toThrow('Expected `name`')
  })

  test('rejects arguments that cannot be sent, and leaves no process and no pipe end behind', () =>
    run(function* () {
      for (const unsendable of [() => 1, new SharedArrayBuffer(8)]) {
        const [mine, its] = Pipe()
        const child = new Process({ target: target('nothing'), args: [its, unsendable] })
        expect(() => child.start()).toThrow(SerializationError)
        expect(child.isAlive()).toBe(false)
        its.close()
        expect(yield* failure(mine.recv())).toBeInstanceOf(EOFError)
      }
    }))

  test('can be started once, joined only after that, and closed after its end', () =>
    run(function* () {
      const child = new Process({ target: target('nothing') })
      const join = child.join()
      expect(String(yield* failure(child.join()))).toContain('can only join a started process')
      expect(() => child.sentinel).toThrow(RangeError)
      child.daemon = true
      child.start()
      expect(() => child.start()).toThrow('once')
      expect(() => {
        child.daemon = false
      }).toThrow('before')
      expect(() => child.close()).toThrow(RangeError)
      yield* join
      child.close()
      expect(yield* failure(child.join())).toBeInstanceOf(RangeError)
      for (const use of [() => child.isAlive(), () => child.terminate(), () => child.pid])
        expect(use).toThrow(RangeError)
      expect(() => child.sentinel).toThrow(RangeError)
      child.close()
    }))

  test('accepts packages, paths and data URLs as modules', () =>
    run(function* () {
      const targets = [
        { module: 'data:text/javascript,export const f = () => process.exit(5)', export: 'f' },
        { module: module.pathname, export: 'hardExit' },
      ]
      const codes = []
      for (const one of targets) codes.push((yield* ended({ target: one })).exitcode)
      expect(codes).toEqual([5, 9])
    }))

  test('describes its state', () =>
    run(function* () {
      const child = new Process({ target: target('sleepLong'), name: 'sleeper', daemon: true })
      expect(String(child)).toBe(`<Process name='sleeper' parent=${process.pid} initial daemon>`)
      child.start()
      const begin = `<Process name='sleeper' pid=${child.pid} parent=${process.pid}`
      expect(String(child)).toBe(`${begin} started daemon>`)
      expect(inspect([child])).toBe(`[ ${child} ]`)
      child.terminate()
      yield* child.join()
      expect(String(child)).toBe(`${begin} stopped exitcode=-SIGTERM daemon>`)
      child.close()
      expect(String(child)).toBe(`<Process name='sleeper' parent=${process.pid} closed daemon>`)
    }))

  test('a target that awaits `run` is cleaned up on SIGINT, and ends with the exit status of `run`', () =>
    run(function* () {
      const queue = new Queue<string>()
      const child = new Process({ target: target('runAndCleanUp'), args: [queue] })
      child.start()
      expect(yield* queue.get()).toBe('running')
      child.interrupt()
      expect(yield* queue.get({ timeout: 10_000 })).toBe('cleaned up')
      yield* child.join()
      expect(child.exitcode).toBe(130)
    }))

  test('what it sent before it exited arrives even if it is written to before that is read', () =>
    run(function* () {
      const [queue, requests] = [new Queue<string>(), new Queue<string>()]
      const [mine, its] = Pipe()
      const child = new Process({ target: target('putAndFail'), args: [queue, requests, its] })
      child.start()
      its.close()
      expect(yield* mine.recv()).toBe('running')
      // Blocks this process, so that it reads nothing until the other has exited.
      while (!readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') Z'));
      yield* requests.put('the answer to its get')
      yield* child.join()
      expect(child.exception).toMatchObject({ name: 'RangeError', message: 'failed on purpose' })
      expect(yield* queue.get({ timeout: 10_000 })).toHaveLength(50_000)
      mine.close()
    }))

  test('can be joined if another program keeps its pipe open for longer', () =>
    run(function* () {
      const script = `
        import { Process } from '@greenlit/process'
        const child = new Process({ target: { module: '${module.href}', export: 'leavePipeOpen' } })
        child.start()
        await child.join()
        console.log(child.exitcode)`
      const program = new Popen([process.execPath, '--input-type=module', '-e', script], { stdout: PIPE, text: true })
      expect(yield* program.communicate()).toEqual(['0\n', undefined])
    }))

  test('a deadlock in a child ends it with the deadlock report', () =>
    run(function* () {
      const child = yield* ended({ target: target('deadlock') })
      expect(child.exitcode).toBe(1)
      expect(child.exception).toMatchObject({ name: 'LoopExit' })
    }))

  test.each(['process', 'thread'])('all output of a %s arrives, however much it is', (context) =>
    run(function* () {
      const script = `
        import { Process } from '@greenlit/process'
        const target = { module: ${JSON.stringify(module.href)}, export: 'print' }
        new Process({ target, args: [300000], context: '${context}' }).start()
      `
      const options = { stdout: PIPE, text: true, cwd: new URL('.', import.meta.url) } as const
      const program = new Popen([process.execPath, '--input-type=module', '-e', script], options)
      expect((yield* program.communicate())[0]).toHaveLength(300_001)
      expect(program.returncode).toBe(0)
    }),
  )

  test('processes and threads get the arguments of the program', () =>
    run(function* () {
      const path = fileURLToPath(new URL('../fixtures/arguments.mjs', import.meta.url))
      expect(yield* checkOutput([process.execPath, path, '--fast', 'a b'], { text: true })).toBe(
        '--fast,a b\n--fast,a b\n',
      )
      const script = `import { printInBoth } from ${JSON.stringify(path)}; await printInBoth()`
      const text = [process.execPath, '--input-type=module', '-e', script, 'first', 'second']
      expect(yield* checkOutput(text, { text: true })).toBe('first,second\nfirst,second\n')
    }))

  test('no child outlives a parent that is killed, not even one that computes', () =>
    run(function* () {
      const path = file()
      const script = `
        import { Process } from '@greenlit/process'
        const child = new Process({ target: { module: ${JSON.stringify(module.href)}, export: 'parentOf' }, args: [${JSON.stringify(path)}] })
        child.start()
        console.log(child.pid)
      `
      const options = { stdout: PIPE, text: true, cwd: new URL('.', import.meta.url) } as const
      const program = new Popen([process.execPath, '--input-type=module', '-e', script], options)
      let child = 0
      let grandchild = 0
      try {
        child = Number(yield* program.stdout!.readline())
        while (grandchild === 0) {
          yield* sleep(20)
          if (existsSync(path)) grandchild = Number(readFileSync(path, 'utf8'))
        }
        expect([child, grandchild].map(isRunning)).toEqual([true, true])
      } finally {
        yield* program.kill()
      }
      while (isRunning(child) || isRunning(grandchild)) yield* sleep(20)
    }))
})

describe('this process', () => {
  test('reports its name, id and parent, and the number of processors', () => {
    expect(currentProcess()).toMatchObject({ name: 'MainProcess', pid: process.pid, daemon: false })
    const { pid, ident, exitcode } = currentProcess()
    expect([ident, exitcode, currentProcess().isAlive()]).toEqual([pid, undefined, true])
    expect(structuredClone(currentProcess())).toEqual({ name: 'MainProcess', pid, daemon: false })
    expect(parentProcess()).toBeUndefined()
    expect(cpuCount()).toBeGreaterThan(0)
  })
})
