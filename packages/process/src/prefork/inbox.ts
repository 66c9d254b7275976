import { runCallback } from '@greenlit/core/engine'
import { Backlog } from '../shared/backlog.ts'
import type { ExternalWait, WaitSource } from '../wait/external-wait.ts'
import type { Given } from './given.ts'

/** The queue of what a worker has received but not yet taken with `Receiver.next`. */
export class Inbox implements WaitSource<Given | undefined> {
  readonly name = 'Receiver.next'
  private readonly received = new Backlog<Given>()
  private readonly waits = new Set<ExternalWait<Given | undefined>>()
  private ended = false

  add(given: Given): void {
    this.received.push(given)
    this.notify()
  }

  end(): void {
    this.ended = true
    this.notify()
  }

  private notify(): void {
    for (const wait of this.waits) wait.finish()
  }

  ready(): { value: Given | undefined } | undefined {
    if (this.received.size > 0) return { value: this.received.shift() }
    return this.ended ? { value: undefined } : undefined
  }

  giveBack(given: Given | undefined, order: number): void {
    if (given === undefined) return
    this.received.giveBack(given, '', order)
    // Another waiting greenlet may take it.
    runCallback(() => this.notify())
  }

  enter(wait: ExternalWait<Given | undefined>): void {
    this.waits.add(wait)
  }

  leave(wait: ExternalWait<Given | undefined>): void {
    this.waits.delete(wait)
  }
}
