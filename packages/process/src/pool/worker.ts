/** What the processes of a pool run. */
import { type Coroutine, isControlError, until } from '@greenlit/core'
import { decode, type Payload } from '../codec/payload.ts'
import { identity } from '../process/identity.ts'
import { type CheckedTarget, callTarget, drive, loadTarget } from '../process/target.ts'
import type { Header } from '../transport/transport.ts'
import { NOTED } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { type Outcome, packOutcomes } from './outcome.ts'

/** `apply`: once, with the items for arguments. `map`: with each item. `star`: with each item for arguments. */
export type How = 'apply' | 'map' | 'star'

const DONE = ['done']

type AnyFunction = (...args: unknown[]) => unknown

/** The functions that were loaded, by module and name. */
type Functions = Map<string, Map<string, AnyFunction>>

/** A task that has come: what it is, from `NOTED` on, and its items. */
type Note = readonly [header: Header, payload: Payload | undefined]

/** The notes of the parent, in order. */
class Inbox implements Awaited<Note> {
  readonly name = 'a task'
  private readonly notes: Note[] = []
  private wait: OutsideWait<Note> | undefined = undefined

  constructor() {
    tree.takeNotes((header, payload) => {
      this.notes.push([header, payload])
      this.wait?.finish()
    })
  }

  next(): OutsideWait<Note> {
    return new OutsideWait<Note>(this, undefined, () => this.notes[0]!)
  }

  ready(): { value: Note } | undefined {
    const value = this.notes.shift()
    return value === undefined ? undefined : { value }
  }

  enter(wait: OutsideWait<Note>): void {
    this.wait = wait
  }

  leave(): void {
    this.wait = undefined
  }
}

/** Does task after task, until it is told to stop. */
export function* work(initializer: CheckedTarget | undefined, initargs: readonly unknown[]): Coroutine<void> {
  const inbox = new Inbox()
  const functions: Functions = new Map()
  const parent = identity.parent!.id
  // A task that does not say what to call is for the same function as the one before.
  let target: CheckedTarget | undefined
  if (initializer !== undefined) yield* callTarget(yield* until(loadTarget(initializer)), initargs)
  tree.note(parent, ['ready'])
  for (;;) {
    const [header, payload] = yield* inbox.next()
    const how = header[NOTED] as How | 'stop'
    if (how === 'stop') return
    if (header.length > NOTED + 1) target = { module: header[NOTED + 1] as string, export: header[NOTED + 2] as string }
    const outcomes = yield* perform(functions, target!, how, payload!)
    tree.note(parent, DONE, packOutcomes(outcomes))
  }
}

function* perform(functions: Functions, target: CheckedTarget, how: How, payload: Payload): Coroutine<Outcome[]> {
  let fn = functions.get(target.module)?.get(target.export)
  let items: readonly unknown[]
  try {
    fn ??= yield* load(functions, target)
    // The module comes first: it may register the classes that the arguments are of.
    items = decode(payload) as readonly unknown[]
  } catch (error) {
    if (isControlError(error)) throw error
    return [[true, error]]
  }
  if (how === 'apply') return [yield* call(fn, items)]
  const outcomes: Outcome[] = []
  for (const item of items) outcomes.push(yield* call(fn, how === 'star' ? (item as readonly unknown[]) : [item]))
  return outcomes
}

function* load(functions: Functions, target: CheckedTarget): Coroutine<AnyFunction> {
  const fn = yield* until(loadTarget(target))
  const known = functions.get(target.module) ?? new Map<string, AnyFunction>()
  functions.set(target.module, known.set(target.export, fn))
  return fn
}

function* call(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): Coroutine<Outcome> {
  try {
    const result = fn(...args)
    // What is there needs no driving.
    if (typeof result !== 'object' || result === null) return [false, result]
    return [false, yield* drive(result)]
  } catch (error) {
    // A kill or exit ends the process; a timeout of the task's own is its outcome.
    if (isControlError(error) && (error as { code: string }).code !== 'TIMEOUT') throw error
    return [true, error]
  }
}
