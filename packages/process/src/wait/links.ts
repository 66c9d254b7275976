import { holdOutside, letGoOutside, runCallback } from '@greenlit/core/engine'

/** The callbacks registered with `rawlink`, to be called once in the hub when something outside the hub has happened. */
export class Links<S> {
  private callbacks: ((source: never) => unknown)[] = []
  private isScheduled = false

  get size(): number {
    return this.callbacks.length
  }

  add(callback: (source: never) => unknown): void {
    if (this.callbacks.length === 0) holdOutside()
    this.callbacks.push(callback)
  }

  /** Removes one link of the function. */
  remove(callback: (source: never) => unknown): void {
    const index = this.callbacks.indexOf(callback)
    if (index < 0) return
    this.callbacks.splice(index, 1)
    if (this.callbacks.length === 0) letGoOutside()
  }

  /** Calls all functions in the hub's next turn, including those added before then. */
  tell(source: S): void {
    if (this.isScheduled || this.callbacks.length === 0) return
    this.isScheduled = true
    runCallback(() => {
      this.isScheduled = false
      const { callbacks } = this
      this.callbacks = []
      if (callbacks.length > 0) letGoOutside()
      for (const callback of callbacks) runCallback(callback as (source: S) => unknown, source)
    })
  }
}
