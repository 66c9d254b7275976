import { TimerNode } from '../engine/timers.ts'
import type { Greenlet } from './greenlet.ts'

/** The timer of a greenlet that starts later. */
export class DelayedStart extends TimerNode {
  private readonly greenlet: Greenlet<unknown>

  constructor(greenlet: Greenlet<unknown>) {
    super()
    this.greenlet = greenlet
  }

  fire(): void {
    this.greenlet._startNow()
  }
}
