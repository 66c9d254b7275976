import type { Operation } from '@greenlit/core'
import { checkTimeout, type TimeLimit } from '@greenlit/core/engine'
import { identity } from '../process/identity.ts'
import { tree } from '../tree/tree.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import type { Handle } from './handle.ts'

/** Something that the parent handed over. */
export interface Given {
  /** The socket or server; `undefined` if it was closed on the way. */
  readonly handle: Handle | undefined
  /** What the parent said with it. */
  readonly message: unknown
}

/** What has come and is not yet taken. */
class Inbox implements Awaited<Given | undefined> {
  readonly name = 'Receiver.next'
  private readonly given: Given[] = []
  private readonly waits = new Set<OutsideWait<Given | undefined>>()
  private ended = false

  add(given: Given): void {
    this.given.push(given)
    this.tell()
  }

  end(): void {
    this.ended = true
    this.tell()
  }

  private tell(): void {
    for (const wait of this.waits) wait.finish()
  }

  ready(): { value: Given | undefined } | undefined {
    const value = this.given.shift()
    return value !== undefined || this.ended ? { value } : undefined
  }

  giveBack(given: Given | undefined): void {
    if (given !== undefined) this.given.unshift(given)
  }

  enter(wait: OutsideWait<Given | undefined>): void {
    this.waits.add(wait)
  }

  leave(wait: OutsideWait<Given | undefined>): void {
    this.waits.delete(wait)
  }
}

/**
 * What a worker of a `WorkerSet` gets from its parent.
 *
 * @example
 * export function* work() {
 *   const receiver = new Receiver()
 *   receiver.ready()
 *   for (let given = yield* receiver.next(); given !== undefined; given = yield* receiver.next()) {
 *     yield* serve(given.handle)
 *     receiver.done()
 *   }
 * }
 */
export class Receiver {
  private readonly inbox = new Inbox()
  private readonly parent: string

  /** @throws {Error} if this is no process with a parent, or a thread, to which nothing can be handed */
  constructor() {
    if (identity.parent === undefined || process.send === undefined || identity.context === 'thread')
      throw new Error('Expected a worker process of a WorkerSet: nobody can hand anything to this one')
    this.parent = identity.parent.id
    process.on('message', (message, handle) => this.inbox.add({ message, handle: handle as Handle | undefined }))
    tree.takeNotes(this.parent, ([kind]) => {
      if (kind === 'stop') this.inbox.end()
    })
  }

  /** Says that this worker may be given something; until then it is not. */
  ready(): void {
    tree.note(this.parent, ['ready'])
  }

  /** Says that something that was given is done with, so that the parent knows how busy this worker is. */
  done(): void {
    tree.note(this.parent, ['done'])
  }

  /**
   * Waits for the next thing that is given.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns what was given; `undefined` when the worker is to end, or the time is over
   */
  next(options: { timeout?: TimeLimit } = {}): Operation<Given | undefined> {
    return new OutsideWait<Given | undefined>(this.inbox, checkTimeout(options.timeout), () => undefined)
  }
}
