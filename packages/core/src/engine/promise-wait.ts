import { Blocking } from './blocking.ts'

/** A wait for the result of a function, which may be a promise. */
export class PromiseWait<T> extends Blocking<T> {
  private readonly begin: () => T | PromiseLike<T>

  constructor(begin: () => T | PromiseLike<T>) {
    super()
    this.begin = begin
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    Promise.resolve(this.begin()).then(
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
