import { Blocking } from '../engine/blocking.ts'
import type { TimeLimit } from '../engine/check.ts'
import { timeoutError } from './timeout.ts'

/** Ends the wait, once, with an error or with a value. It has the signature of Node's callbacks: a falsy error is none. */
export type Resume<T> = (error?: unknown, value?: T) => void

/** Starts the work, and may return a function that cancels it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is as good
export type Begin<T> = (resume: Resume<T>) => (() => void) | void

/** The wait for a callback; see `fromCallback`. */
export class CallbackWait<T> extends Blocking<T> {
  private readonly begin: Begin<T>
  private readonly timeout: TimeLimit
  private undo: ReturnType<Begin<T>> = undefined
  /** The arguments of a call that came before the wait began, if any. */
  private early: Parameters<Resume<T>> | null = null

  constructor(begin: Begin<T>, timeout: TimeLimit) {
    super()
    this.begin = begin
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    this.undo = this.begin((error, value) => {
      if (!this.isWaiting) this.early ??= [error, value]
      else if (error) this.fail(error)
      else this.wake(value)
    })
    if (this.early === null) {
      this.limit(this.timeout)
      return false
    }
    const [error, value] = this.early
    if (error) throw error
    this.outcome = value
    return true
  }

  cancel(): void {
    if (typeof this.undo === 'function') this.undo()
  }

  override expire(): T {
    throw timeoutError(this.timeout)
  }

  describe(): string {
    return `fromCallback(${this.begin.name})`
  }
}
