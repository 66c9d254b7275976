import { loop } from './loop.ts'
import { cannotBlock } from './operation.ts'
import { RunQueueNode } from './run-queue.ts'
import { runtime } from './runtime.ts'
import { isResumable, type Resumable } from './suspension.ts'

/**
 * Runs a function in the hub, where nothing may block. A coroutine function runs as far as it can without waiting: its first
 * blocking call throws `BlockingSwitchOutError` inside it.
 *
 * @example
 * callInHub((name: string) => console.log(`hello ${name}`), ['you'])
 */
export function callInHub(fn: (...args: never[]) => unknown, args: readonly unknown[]): void {
  const outer = runtime.current
  const wasInHub = runtime.inHub
  runtime.current = null
  runtime.inHub = true
  try {
    const result = fn(...(args as never[]))
    if (isResumable(result)) finishGenerator(result)
  } finally {
    runtime.current = outer
    runtime.inHub = wasInHub
  }
}

function finishGenerator(generator: Resumable): void {
  let result = generator.next()
  // The `next` of an async generator returns a promise, whose `done` is `undefined`.
  while (result.done === false) result = generator.throw(cannotBlock())
}

/** A function queued to run in the hub, in order with everything else that is ready. */
export class Callback extends RunQueueNode {
  private readonly fn: (...args: never[]) => unknown
  private args: readonly unknown[] | null

  constructor(fn: (...args: never[]) => unknown, args: readonly unknown[]) {
    super()
    this.fn = fn
    this.args = args
  }

  /** Whether it has yet to run. */
  get pending(): boolean {
    return this.args !== null
  }

  /** Cancels the callback. Does nothing if it has already run. */
  stop(): void {
    this.args = null
  }

  override toString(): string {
    return `<Callback ${this.fn.name}>`
  }

  /** @internal */
  override _runInHub(): void {
    const { args, fn } = this
    if (args === null) return
    this.args = null
    try {
      callInHub(fn, args)
    } catch (error) {
      runtime.reportError(this, error)
    }
  }
}

/**
 * Queues a function to run in the hub.
 *
 * @example
 * const callback = runCallback((name: string) => console.log(`hello ${name}`), 'you')
 * callback.pending // true
 * callback.stop() // it will not run
 */
export function runCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Callback {
  const callback = new Callback(fn, args)
  loop.ready(callback)
  return callback
}
