import { getHub } from '@greenlit/core'
import { ProcessDiedError } from '../errors/process-error.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'

/**
 * The state of a lock or semaphore in the process that owns it. It records how many permits each process holds, so that those of a
 * dead process can be released. A semaphore released by a process that holds no permit is used as a signal, and holders are no
 * longer recorded.
 */
export class SemaphoreState implements OwnedObject {
  private permits: number
  private readonly most: number
  private readonly kind: string
  private readonly waiting = new Set<Asker>()
  private readonly watching = new Set<Asker>()
  private holders: Map<string, number> | undefined = new Map()

  /**
   * @param kind 'lock', 'RLock' or 'semaphore', for error messages
   * @param permits the initial number of permits
   * @param most the maximum number of permits
   */
  constructor(kind: string, permits: number, most: number) {
    this.kind = kind
    this.permits = permits
    this.most = most
  }

  ask(asker: Asker, method: string, [block]: readonly unknown[]): void {
    if (method === 'acquire') {
      if (this.permits > 0) this.give(asker)
      else if (block === false) asker.answer(false)
      else this.waiting.add(asker)
    } else if (method === 'release') {
      this.release(asker.node)
      asker.answer(this.permits)
    } else if (method === 'untilReady') {
      if (this.permits > 0) asker.answer(true)
      else this.watching.add(asker)
    } else {
      asker.answer(this.permits)
    }
  }

  private give(asker: Asker): void {
    this.permits -= 1
    this.holders?.set(asker.node, (this.holders.get(asker.node) ?? 0) + 1)
    if (!asker.answer(true)) this.takeBack(asker.node)
  }

  private takeBack(node: string): void {
    this.permits += 1
    const held = (this.holders?.get(node) ?? 0) - 1
    if (held > 0) this.holders?.set(node, held)
    else this.holders?.delete(node)
  }

  private release(node: string): void {
    if (this.permits >= this.most)
      throw new RangeError(
        `Expected the ${this.kind} to be released after it was acquired: semaphore or lock released too many times`,
      )
    if (this.holders?.has(node)) {
      this.takeBack(node)
    } else {
      this.permits += 1
      // A lock has only one holder, even if another process releases it.
      if (this.most === 1) this.holders?.clear()
      else this.holders = undefined
    }
    this.serve()
  }

  private serve(): void {
    for (const asker of this.waiting) {
      if (this.permits === 0) return
      this.waiting.delete(asker)
      this.give(asker)
    }
    for (const asker of this.watching) {
      if (this.permits === 0) return
      this.watching.delete(asker)
      asker.answer(true)
    }
  }

  leave(asker: Asker): void {
    this.waiting.delete(asker)
    this.watching.delete(asker)
  }

  undo(node: string, method: string, value: unknown): void {
    if (method !== 'acquire' || value !== true) return
    // Another process may have released it in the meantime.
    if (this.most === 1 ? !this.holders!.has(node) : this.permits >= this.most) return
    this.takeBack(node)
    this.serve()
  }

  forget(isLost: (node: string) => boolean): void {
    for (const [node, held] of this.holders ?? []) {
      if (!isLost(node)) continue
      this.holders!.delete(node)
      this.permits += held
      const error = new ProcessDiedError(`A process that is gone (${node}) held a ${this.kind}: it is released`)
      getHub().handleError(this.kind, error)
    }
    this.serve()
  }
}
