import { joinall, type Operation } from '@greenlit/core'
import {
  type Connection,
  checkOutput,
  type DictProxy,
  type Manager,
  PIPE,
  Pipe,
  type PipeReader,
  type PipeWriter,
  type Pool,
  type PoolResult,
  Popen,
  type PopenOptions,
  Process,
  Queue,
  run,
  Array as SharedArray,
  type ThreadPool,
  Value,
} from '@greenlit/process'
import { expectTypeOf, test } from 'vitest'

const target = { module: import.meta.url, export: 'work' }

test('what runs elsewhere is named, not given', () => {
  expectTypeOf(Process).constructorParameters.toExtend<[{ target: { module: URL | string; export: string } }]>()
  // @ts-expect-error a function cannot go to another process
  const closure = () => new Process({ target: () => 1 })
  // @ts-expect-error there are two contexts
  const context = () => new Process({ target, context: 'fork' })
  expectTypeOf([closure, context]).toBeArray()
})

test('joinall accepts processes and programs', () => {
  expectTypeOf(joinall([new Process({ target })])).toExtend<Operation<Process[]>>()
  expectTypeOf(joinall([new Popen(['true'])])).toExtend<Operation<Popen[]>>()
})

test('queues and pipes know what they carry', () => {
  const queue = new Queue<string>()
  expectTypeOf(queue.get()).toExtend<Operation<string>>()
  expectTypeOf(queue.put).parameter(0).toBeString()
  expectTypeOf(queue.full()).toExtend<Operation<boolean>>()
  expectTypeOf(Pipe()).toEqualTypeOf<[Connection, Connection]>()
  expectTypeOf<Connection['recv']>().returns.toExtend<Operation<unknown>>()
})

test('pools give results of the type that is asked for', () => {
  expectTypeOf<Pool['apply']>().returns.toExtend<Operation<unknown>>()
  const check = (pool: Pool, threads: ThreadPool) => {
    expectTypeOf(pool.map<number>(target, [1])).toEqualTypeOf<Operation<number[]>>()
    expectTypeOf(pool.applyAsync<number>(target)).toEqualTypeOf<PoolResult<number>>()
    expectTypeOf(threads.spawn<number>(target, 1)).toEqualTypeOf<Operation<PoolResult<number>>>()
    // @ts-expect-error items must be iterable
    pool.map(target, 5)
  }
  expectTypeOf(check).toBeFunction()
})

test('shared memory has the type of its code', () => {
  const check = () => {
    expectTypeOf(new Value('i', 1).value).toBeNumber()
    expectTypeOf(new Value('q', 1n).value).toBeBigInt()
    expectTypeOf(new SharedArray('d', [1])[0]!).toBeNumber()
    // @ts-expect-error 64 bits are a bigint
    new Value('q', 1)
  }
  expectTypeOf(check).toBeFunction()
})

test('proxies answer operations', () => {
  interface Maths {
    add(x: number): number
    slowly(): Generator<never, string, unknown>
    readonly hidden: number
  }
  const check = (manager: Manager) => {
    expectTypeOf(manager.dict<string, number>()).toEqualTypeOf<DictProxy<string, number>>()
    expectTypeOf(manager.dict<string, number>().get('x')).toEqualTypeOf<Operation<number | undefined>>()
    const maths = manager.create<Maths>('Maths')
    expectTypeOf(maths.add(1)).toEqualTypeOf<Operation<number>>()
    expectTypeOf(maths.slowly()).toEqualTypeOf<Operation<string>>()
    // @ts-expect-error only methods can be called from elsewhere
    maths.hidden
  }
  expectTypeOf(check).toBeFunction()
})

test('a managed dict made from an object has its names as keys', () => {
  const check = (manager: Manager) => {
    expectTypeOf(manager.dict({ a: 1 })).toEqualTypeOf<DictProxy<string, number>>()
    expectTypeOf(manager.dict([[1, 'x']])).toEqualTypeOf<DictProxy<number, string>>()
    expectTypeOf(manager.dict(new Map([[1, 'x']]))).toEqualTypeOf<DictProxy<number, string>>()
    expectTypeOf(manager.dict<string, number | string>({ a: 1 })).toEqualTypeOf<DictProxy<string, number | string>>()
    expectTypeOf(manager.dict()).toEqualTypeOf<DictProxy>()
    expectTypeOf(manager.dict<'a' | 'b', number>({ a: 1 })).toEqualTypeOf<DictProxy<'a' | 'b', number>>()
    manager.dict({}) satisfies DictProxy<number, boolean>
  }
  expectTypeOf(check).toBeFunction()
})

test('programs that may be asked for text give bytes or text', () => {
  const check = (text: boolean, encoding: string | undefined, options: PopenOptions) => {
    expectTypeOf(checkOutput(['ls'], { text })).toEqualTypeOf<Operation<Buffer | string>>()
    expectTypeOf(checkOutput(['ls'], { encoding })).toEqualTypeOf<Operation<Buffer | string>>()
    expectTypeOf(new Popen(['ls'], { stdout: PIPE, text }).stdout).toEqualTypeOf<PipeReader<Buffer | string>>()
    expectTypeOf(checkOutput(['ls'], { text: false, errors: undefined })).toEqualTypeOf<Operation<Buffer>>()
    expectTypeOf(checkOutput(['ls'], { cwd: '/' })).toEqualTypeOf<Operation<Buffer>>()
    expectTypeOf(checkOutput(['ls'], options)).toEqualTypeOf<Operation<Buffer>>()
  }
  expectTypeOf(check).toBeFunction()
})

test('programs give bytes, or text if asked to', () => {
  const check = () => {
    expectTypeOf(run(['ls'], { captureOutput: true })).toExtend<Operation<{ stdout: Buffer | undefined }>>()
    expectTypeOf(run(['ls'], { captureOutput: true, text: true })).toExtend<Operation<{ stdout: string | undefined }>>()
    expectTypeOf(checkOutput(['ls'], { encoding: 'latin1' })).toEqualTypeOf<Operation<string>>()
    expectTypeOf(new Popen(['ls'], { stdout: PIPE }).pid).toBeNumber()
    const piped = new Popen(['ls'], { stdin: PIPE, stdout: PIPE, text: true })
    expectTypeOf(piped.stdin).toEqualTypeOf<PipeWriter>()
    expectTypeOf(piped.stdout).toEqualTypeOf<PipeReader<string>>()
    expectTypeOf(piped.stderr).toEqualTypeOf<PipeReader<string> | undefined>()
    expectTypeOf(piped.communicate('')).toEqualTypeOf<Operation<[stdout: string, stderr: string | undefined]>>()
    expectTypeOf(run(['ls'], { captureOutput: true, text: true })).toExtend<
      Operation<{ stdout: string; stderr: string }>
    >()
    expectTypeOf(new Popen(['ls'], { stdout: PIPE, errors: 'strict' }).stdout.read()).toEqualTypeOf<Operation<string>>()
    expectTypeOf(run(['ls'], { stdout: PIPE, universalNewlines: true })).toExtend<Operation<{ stdout: string }>>()
    // @ts-expect-error there is no such way to treat errors
    new Popen(['ls'], { errors: 'loose' })
    expectTypeOf(run(['ls'], { stdout: PIPE })).toExtend<Operation<{ stdout: Buffer; stderr: Buffer | undefined }>>()
    // @ts-expect-error what is not captured may be undefined
    expectTypeOf(run(['ls'])).toExtend<Operation<{ stdout: Buffer }>>()
  }
  expectTypeOf(check).toBeFunction()
})
