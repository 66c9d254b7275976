/** The program that worker processes of a pool run. */
import { type Coroutine, isControlError, until } from '@greenlit/core'
import { drive } from '@greenlit/core/engine'
import { decode, type Payload } from '../codec/payload.ts'
import { identity } from '../process/identity.ts'
import { type CheckedTarget, callTarget, loadTarget } from '../process/target.ts'
import type { Header } from '../transport/transport.ts'
import { NOTE_START } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { type Outcome, packOutcomes, packValue } from './outcome.ts'

/** `apply`: call once, with the items as arguments. `map`: call with each item. `star`: call with each item as the arguments. */
export type CallMode = 'apply' | 'map' | 'star'

const READY = ['ready']
const DONE = ['done']
const RETURNED = ['returned']

type AnyFunction = (...args: unknown[]) => unknown

/** The loaded functions, by module and name. */
type Functions = Map<string, Map<string, AnyFunction>>

/** A task as received: its header, with the task itself from `NOTE_START` on, and its items. */
type Note = readonly [header: Header, payload: Payload | undefined]

/** The tasks received from the parent, in order. */
class Inbox implements WaitSource<Note> {
  readonly name = 'a task'
  private readonly notes: Note[] = []
  private wait: ExternalWait<Note> | undefined = undefined

  constructor() {
    tree.onParentNote((header, payload) => {
      this.notes.push([header, payload])
      this.wait?.finish()
    })
  }

  next(): ExternalWait<Note> {
    return new ExternalWait<Note>(this, undefined, () => this.notes[0]!)
  }

  ready(): { value: Note } | undefined {
    const value = this.notes.shift()
    return value === undefined ? undefined : { value }
  }

  enter(wait: ExternalWait<Note>): void {
    this.wait = wait
  }

  leave(): void {
    this.wait = undefined
  }
}

/** A generator or promise that a function has returned and that must be driven to its end. */
class Unfinished {
  readonly returned: unknown

  constructor(returned: unknown) {
    this.returned = returned
  }
}

/** Runs one task after another until told to stop. */
export function* work(initializer: CheckedTarget | undefined, initargs: readonly unknown[]): Coroutine<void> {
  const inbox = new Inbox()
  const functions: Functions = new Map()
  const parent = identity.parent!.id
  if (initializer !== undefined) yield* callTarget(yield* until(loadTarget(initializer)), initargs)
  tree.note(parent, READY)
  // A task that names no function calls the same one as the task before.
  let target: CheckedTarget | undefined
  let fn: AnyFunction | undefined
  for (;;) {
    const [header, payload] = yield* inbox.next()
    const mode = header[NOTE_START] as CallMode | 'stop'
    if (mode === 'stop') return
    if (header.length > NOTE_START + 1) {
      target = { module: header[NOTE_START + 1] as string, export: header[NOTE_START + 2] as string }
      fn = functions.get(target.module)?.get(target.export)
    }
    let items: readonly unknown[]
    try {
      // The module is loaded first: it may register the classes of the arguments.
      fn ??= yield* load(functions, target!)
      items = decode(payload!) as readonly unknown[]
    } catch (error) {
      if (isControlError(error)) throw error
      tree.note(parent, DONE, packOutcomes([[true, error]]))
      continue
    }
    if (mode === 'apply') {
      const begun = begin(fn, items)
      answer(parent, begun instanceof Unfinished ? yield* finish(begun) : begun)
    } else {
      const outcomes: Outcome[] = []
      for (const item of items) {
        const begun = begin(fn, mode === 'star' ? (item as readonly unknown[]) : [item])
        outcomes.push(begun instanceof Unfinished ? yield* finish(begun) : begun)
      }
      tree.note(parent, DONE, packOutcomes(outcomes))
    }
  }
}

/** Replies with the result of a single call. A plain value is sent without a list around it, which is cheapest. */
function answer(parent: string, outcome: Outcome): void {
  const payload = outcome[0] ? undefined : packValue(outcome[1])
  if (payload === undefined) tree.note(parent, DONE, packOutcomes([outcome]))
  else tree.note(parent, RETURNED, payload)
}

function* load(functions: Functions, target: CheckedTarget): Coroutine<AnyFunction> {
  const fn = yield* until(loadTarget(target))
  const known = functions.get(target.module) ?? new Map<string, AnyFunction>()
  functions.set(target.module, known.set(target.export, fn))
  return fn
}

/** Calls a function. Most return their result directly rather than a generator or promise. */
function begin(fn: AnyFunction, args: readonly unknown[]): Outcome | Unfinished {
  try {
    const returned = fn(...args)
    if (typeof returned !== 'object' || returned === null) return [false, returned]
    const { next, then } = returned as { next?: unknown; then?: unknown }
    if (typeof next !== 'function' && typeof then !== 'function') return [false, returned]
    return new Unfinished(returned)
  } catch (error) {
    return failed(error)
  }
}

function* finish({ returned }: Unfinished): Coroutine<Outcome> {
  try {
    return [false, yield* drive(returned)]
  } catch (error) {
    return failed(error)
  }
}

/**
 * Returns the outcome of an error. A kill or exit ends the process, so it is rethrown; a timeout raised by the task itself is its
 * outcome.
 */
function failed(error: unknown): Outcome {
  if (isControlError(error) && (error as { code: string }).code !== 'TIMEOUT') throw error
  return [true, error]
}
