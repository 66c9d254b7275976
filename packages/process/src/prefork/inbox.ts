import type { Awaited, OutsideWait } from '../wait/outside-wait.ts'
import type { Given } from './given.ts'

/** What has come and is not yet taken. */
export class Inbox implements Awaited<Given | undefined> {
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
