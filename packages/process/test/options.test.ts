import {
  Barrier,
  Condition,
  call,
  checkOutput,
  connection,
  Event,
  getoutput,
  JoinableQueue,
  Lock,
  Manager,
  PIPE,
  Pipe,
  Pool,
  Popen,
  Process,
  Queue,
  registerClass,
  run,
  ThreadPool,
  Value,
  WorkerSet,
} from '@greenlit/process'
import { asCompleted, Future, ThreadPoolExecutor, wait } from '@greenlit/process/futures'
import { expect, test } from 'vitest'
import { guardLeaks } from './guard.ts'

guardLeaks()

const basename = { module: 'node:path', export: 'basename' }
/** What Python takes by position: milliseconds here, or whether to block, a number of items, a callback. */
const five = 5 as never
const no = false as never

test('a bare number, boolean or function where options belong is refused at the call, as it would have no effect', async () => {
  await using pool = new Pool(1)
  const process = new Process({ target: basename, args: ['a'] })
  process.start()
  const program = new Popen(['cat'], { stdin: PIPE, stdout: PIPE })
  const executor = new ThreadPoolExecutor(1)
  const future = executor.submit(basename, 'a')
  const result = pool.applyAsync(basename, ['a'])
  const condition = new Condition()
  const queue = new Queue<number>()
  const [one, other] = Pipe()
  const calls: Record<string, () => unknown> = {
    'Process.join': () => process.join(five),
    'Popen.wait': () => program.wait(five),
    'Popen.communicate': () => program.communicate(undefined, five),
    'PipeReader.read': () => program.stdout.read(1, five),
    'PipeReader.readline': () => program.stdout.readline(1, five),
    'PipeWriter.write': () => program.stdin.write('x', five),
    run: () => run(['true'], five),
    call: () => call(['true'], five),
    checkOutput: () => checkOutput(['true'], five),
    getoutput: () => getoutput('true', five),
    'new Pool': () => new Pool(1, (() => {}) as never),
    'Pool.apply': () => pool.apply(basename, ['a'], five),
    'Pool.applyAsync': () => pool.applyAsync(basename, ['a'], five),
    'Pool.map': () => pool.map(basename, ['a'], five),
    'Pool.imap': () => pool.imap(basename, ['a'], five),
    'ThreadPool.join': () => new ThreadPool(1).join(five),
    'PoolResult.get': () => result.get(five),
    'PoolResult.wait': () => result.wait(five),
    'PoolIterator.next': () => pool.imap(basename, []).next(five),
    'new ThreadPool': () => new ThreadPool(1, five),
    'new Manager': () => new Manager(five),
    'Queue.get': () => queue.get(five),
    'Queue.put': () => queue.put(1, no),
    'JoinableQueue.join': () => new JoinableQueue().join(five),
    'Event.wait': () => new Event().wait(five),
    'Lock.acquire': () => new Lock().acquire(no),
    'Lock.hold': () => new Lock().hold(five),
    'Condition.wait': () => condition.wait(five),
    'Condition.waitFor': () => condition.waitFor(() => false, five),
    'Barrier.wait': () => new Barrier(2).wait(five),
    Pipe: () => Pipe(no),
    'Connection.send': () => one.send(1, five),
    'Connection.recv': () => one.recv(five),
    'Connection.recvBytes': () => one.recvBytes(no),
    'new Value': () => new Value('i', 1, no),
    'new WorkerSet': () => new WorkerSet(basename, five),
    registerClass: () => registerClass('Given', class {}, five),
    'Pool.starmapAsync': () => pool.starmapAsync(basename, [['a']], five),
    'connection.wait': () => connection.wait([one], five),
    'Future.result': () => future.result(five),
    'Future.exception': () => future.exception(five),
    wait: () => wait([future], five),
    asCompleted: () => asCompleted([future], five),
  }
  const taken = Object.entries(calls).filter(([, call]) => {
    try {
      call()
      return true
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toMatch(/^Expected `options` to be an object/)
      return false
    }
  })
  expect(taken.map(([name]) => name)).toEqual([])
  one.close()
  other.close()
  await program.communicate()
  await result
  await executor.shutdown()
  await process.join()
})

test('`null` is no option and no options, as Python’s None', async () => {
  const none = null as never
  await using pool = new Pool(1)
  expect(await pool.map(basename, ['a/b'], none)).toEqual(['b'])
  expect([...(await wait([], none))]).toEqual([new Set(), new Set()])
  expect(await pool.starmapAsync(basename, [['a/b']], none)).toEqual(['b'])
  expect(new Value('i', 1, none).value).toBe(1)
  expect(new WorkerSet(basename, none).workers).toEqual([])
  const [one, other] = Pipe()
  await one.sendBytes(Buffer.from('x'))
  expect(String(await other.recvBytes(none))).toBe('x')
  one.close()
  other.close()
  expect(await new Popen(['true'], none).wait()).toBe(0)
  for (const name of ['env', 'cwd', 'input', 'encoding', 'errors', 'text', 'stdin', 'stderr', 'timeout']) {
    const { stdout } = await run(['printf', 'x'], { stdout: PIPE, [name]: null } as { stdout: typeof PIPE })
    expect(stdout, name).toEqual(Buffer.from('x'))
  }
})

test('what workers and managers call first, and lets be called, is checked before anything is started', () => {
  const initargs = 'ab' as never
  const makers: (() => unknown)[] = [
    () => new Pool(1, { initargs }),
    () => new ThreadPool(1, { initargs }),
    () => new ThreadPoolExecutor(1, { initargs }),
    () => new Manager().start({ initargs }),
  ]
  for (const make of makers) expect(make).toThrow('Expected `initargs` to be an array, got "ab"')
  expect(() => new Manager().start((() => {}) as never)).toThrow('Expected `options`')
  for (const exposed of ['get', [5]] as never[])
    expect(() => Manager.register('Path', basename, { exposed })).toThrow('Expected `exposed` to be an array of names')
})

test('what is linked must be a function', async () => {
  const program = new Popen(['true'])
  const objects = [program, new Process({ target: basename }), new Queue(), new Event(), new Lock(), new Future()]
  for (const object of objects) expect(() => object.rawlink(five)).toThrow('Expected `callback` to be')
  const child = new Process({ target: basename, args: ['a'], context: 'thread' })
  child.start()
  expect(() => child.sentinel.rawlink(five)).toThrow('Expected `callback` to be')
  await child.join()
  await using pool = new Pool(1, { context: 'thread' })
  const result = pool.applyAsync(basename, ['a'])
  expect(() => result.rawlink(five)).toThrow('Expected `callback` to be')
  await result
  await program.wait()
})
