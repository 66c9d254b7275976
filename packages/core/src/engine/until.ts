import { Blocking } from './blocking.ts'
import { show } from './check.ts'
import type { Operation } from './suspension.ts'

class Until<T> extends Blocking<T> {
  private readonly promise: PromiseLike<T>

  constructor(promise: PromiseLike<T>) {
    super()
    this.promise = promise
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    this.promise.then(
      (value) => this.wake(value),
      (error) => this.fail(error),
    )
    return false
  }

  cancel(): void {}

  describe(): string {
    return 'until(promise)'
  }
}

/**
 * Waits for a promise. The promise itself goes on when the wait is killed or timed out: its outcome is then ignored, also a
 * rejection.
 *
 * @param promise anything with a `then`
 * @throws what the promise is rejected with; {TypeError} at once if it is no promise
 * @example
 * const response = yield* until(fetch('http://127.0.0.1:8080/'))
 */
export function until<T>(promise: PromiseLike<T>): Operation<Awaited<T>> {
  if (typeof (promise as { then?: unknown } | undefined)?.then !== 'function') {
    throw new TypeError(`Expected \`promise\` to be a promise, got ${show(promise)}`)
  }
  return new Until(promise) as unknown as Operation<Awaited<T>>
}
