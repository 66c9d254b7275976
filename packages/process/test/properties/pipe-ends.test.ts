import { attempt, type Coroutine } from '@greenlit/core'
import { type Connection, type ContextName, Pipe, Process } from '@greenlit/process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
// @ts-expect-error It is also run by children, which read JavaScript.
import { perform as untyped } from '../fixtures/ends.mjs'
import { guardLeaks, run } from '../guard.ts'
import { seed } from './seed.ts'

guardLeaks()

const RUNS = 3
const MAIN = 0
const CHILDREN = [1, 2]

type Kind = 'make' | 'hold' | 'send' | 'pass' | 'receive' | 'look' | 'close'
type Ends = Map<string, Connection>
interface Outcome {
  readonly value?: unknown
  readonly error?: string | undefined
}

const perform = untyped as (ends: Ends, kind: Kind, name: string, argument?: unknown) => Coroutine<unknown>

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'make',
      'pass',
      'send',
      'send',
      'pass',
      'pass',
      'receive',
      'receive',
      'look',
      'close',
      'kill' as const,
    ),
    /** Which process acts, with which end, and which ends it passes on. */
    process: fc.nat(99),
    end: fc.nat(99),
    passed: fc.array(fc.nat(99), { minLength: 1, maxLength: 2 }),
  }),
  { minLength: 50, maxLength: 120 },
)
type Step = typeof steps extends fc.Arbitrary<(infer T)[]> ? T : never

/** What is known about an end of a pipe. */
class End {
  peer: End = this
  readonly name: string
  readonly owner: number
  readonly holders: Set<number>
  /** Texts, and ends that were passed on. */
  unread: (string | End[])[] = []
  /** How many unread messages it is in. */
  passed = 0

  constructor(name: string, owner: number, holder: number) {
    this.name = name
    this.owner = owner
    this.holders = new Set([holder])
  }

  get isOpen(): boolean {
    return this.holders.size + this.passed > 0
  }

  get isReadable(): boolean {
    return this.unread.length > 0 || !this.peer.isOpen
  }

  discardUnread(): void {
    for (const message of this.unread) if (typeof message !== 'string') for (const end of message) end.passed -= 1
    this.unread = []
  }
}

/** The processes of a program, what they do, and what is known about their pipes. */
class Model {
  private ends: End[] = []
  private readonly alive = new Set([MAIN, ...CHILDREN])
  private readonly mine: Ends = new Map()
  private readonly controls = new Map<number, Connection>()
  private readonly children = new Map<number, Process>()
  private made = 0

  private *do(process: number, kind: Kind, name: string, argument?: unknown): Coroutine<Outcome> {
    if (process === MAIN) {
      const { value, error } = (yield* attempt(perform(this.mine, kind, name, argument))) as {
        value?: unknown
        error?: Error
      }
      return { value, error: error?.name }
    }
    const control = this.controls.get(process)!
    yield* control.send([kind, name, argument])
    return yield* control.recv<Outcome>()
  }

  *start(context: ContextName): Coroutine<void> {
    for (const id of CHILDREN) {
      const [control, its] = Pipe()
      const target = { module: new URL('../fixtures/ends.mjs', import.meta.url), export: 'performer' }
      const child = new Process({ target, args: [its], context })
      child.start()
      its.close()
      this.controls.set(id, control)
      this.children.set(id, child)
      yield* this.make(MAIN, id)
    }
  }

  /** Makes a pipe, whose second end may be given to another process. */
  private *make(process: number, other = process): Coroutine<void> {
    this.made += 1
    const name = String(this.made)
    yield* this.do(process, 'make', name)
    const [first, second] = [new End(`${name}.0`, process, process), new End(`${name}.1`, process, other)]
    first.peer = second
    second.peer = first
    this.ends.push(first, second)
    if (other === process) return
    yield* this.do(other, 'hold', second.name, this.mine.get(second.name))
    yield* this.do(process, 'close', second.name)
  }

  *perform({ kind, ...chosen }: Step, index: number): Coroutine<void> {
    const alive = [...this.alive]
    const process = alive[chosen.process % alive.length]!
    const held = this.ends.filter((end) => end.holders.has(process))
    const end = held[chosen.end % held.length]
    if (kind === 'make') yield* this.make(process)
    else if (kind === 'kill') yield* this.kill(process)
    else if (end === undefined) return
    else if (kind === 'look') yield* this.look(process, end)
    else if (kind === 'receive') yield* this.receive(process, end)
    else if (kind === 'close') {
      yield* this.do(process, 'close', end.name)
      end.holders.delete(process)
    } else if (kind === 'send') yield* this.send(process, end, String(index))
    else yield* this.send(process, end, [...new Set(chosen.passed.map((number) => held[number % held.length]!))])
    this.settle()
  }

  private *send(process: number, end: End, message: string | End[]): Coroutine<void> {
    const isText = typeof message === 'string'
    const content = isText ? message : message.map(({ name }) => name)
    const { error } = yield* this.do(process, isText ? 'send' : 'pass', end.name, content)
    expect(error).toBe(end.peer.isOpen ? undefined : 'BrokenPipeError')
    if (error !== undefined) return
    end.peer.unread.push(message)
    if (!isText) for (const passed of message) passed.passed += 1
  }

  private *receive(process: number, end: End): Coroutine<void> {
    if (!end.isReadable) return
    const outcome = yield* this.do(process, 'receive', end.name)
    const message = end.unread.shift()
    if (typeof message === 'object') {
      expect(outcome.value).toEqual(message.map(({ name }) => name))
      for (const passed of message) {
        passed.passed -= 1
        passed.holders.add(process)
      }
    } else expect(outcome).toEqual({ value: message, error: message === undefined ? 'EOFError' : undefined })
  }

  private *look(process: number, end: End): Coroutine<void> {
    const timeout = end.isReadable ? 5000 : 0
    expect(yield* this.do(process, 'look', end.name, timeout)).toEqual({ value: end.isReadable, error: undefined })
  }

  private *kill(process: number): Coroutine<void> {
    if (process === MAIN) return
    yield* this.children.get(process)!.kill()
    this.alive.delete(process)
    for (const end of this.ends) end.holders.delete(process)
    for (const end of this.ends) if (end.owner === process) end.discardUnread()
    // Its pipes are gone; what their users get is tested elsewhere.
    this.ends = this.ends.filter((end) => end.owner !== process)
  }

  /** Nobody will read what is unread at ends that are closed, which may close others. */
  private settle(): void {
    for (let closed: End | undefined; ; closed.discardUnread()) {
      closed = this.ends.find((end) => !end.isOpen && end.unread.length > 0)
      if (closed === undefined) return
    }
  }

  *finish(): Coroutine<void> {
    for (const process of this.alive)
      for (const end of this.ends) if (end.holders.has(process)) yield* this.look(process, end)
    for (const [id, control] of this.controls) {
      if (this.alive.has(id)) yield* control.send(null)
      yield* this.children.get(id)!.join()
      control.close()
    }
    for (const end of this.mine.values()) end.close()
  }
}

test.each(['process', 'thread'] as const)(
  `an end of a pipe is open as long as a living %s has it or may receive it (seed ${seed})`,
  (context) => {
    const check = function* (program: Step[]): Coroutine<void> {
      const model = new Model()
      yield* model.start(context)
      for (const [index, step] of program.entries()) yield* model.perform(step, index)
      yield* model.finish()
    }
    return fc.assert(
      fc.asyncProperty(steps, (program) => run(() => check(program))),
      { seed, numRuns: RUNS, endOnFailure: true },
    )
  },
)
