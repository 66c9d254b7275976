import { holdOutside, letGoOutside } from '@greenlit/core/engine'
import type { Transport } from '../transport/transport.ts'

/** How long the connections to children keep the program alive after the last wait, in milliseconds. */
const SETTLE_DELAY = 20

/**
 * The connections to this process's children. They keep the program alive only while something in this process waits for another
 * one.
 */
export class ChildLinks {
  private readonly children = new Map<string, Transport>()
  private waits = 0
  /** Whether the connections keep the program alive at the moment. */
  private areHeld = false
  private settling: NodeJS.Timeout | undefined = undefined

  add(id: string, link: Transport): void {
    this.children.set(id, link)
    if (!this.areHeld) link.unref()
  }

  remove(id: string): void {
    this.children.delete(id)
  }

  get(id: string): Transport | undefined {
    return this.children.get(id)
  }

  [Symbol.iterator](): Iterator<[id: string, link: Transport]> {
    return this.children.entries()
  }

  /** Something in this process has begun to wait for another process. */
  hold(): void {
    this.waits += 1
    holdOutside()
    if (this.areHeld) return
    this.areHeld = true
    for (const link of this.children.values()) link.ref()
  }

  /** The wait has ended. */
  letGo(): void {
    this.waits -= 1
    letGoOutside()
    // Waits tend to follow each other closely, and each `ref` or `unref` costs as much as a message.
    if (this.waits === 0 && this.settling === undefined)
      this.settling = setTimeout(() => this.settle(), SETTLE_DELAY).unref()
  }

  private settle(): void {
    this.settling = undefined
    if (this.waits > 0) return
    this.areHeld = false
    for (const link of this.children.values()) link.unref()
  }
}
