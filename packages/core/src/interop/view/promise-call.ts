import { Blocking } from '../../engine/blocking.ts'

/** A call in progress: its result, and the controller that aborts it. */
export interface StartedCall {
  readonly result: unknown
  readonly controller?: AbortController | undefined
}

/** A call that returns a promise, as an operation that waits for it. A kill aborts the call, if it takes a signal. */
export class PromiseCall extends Blocking<unknown> {
  private readonly begin: () => StartedCall
  private readonly wrap: (value: unknown) => unknown
  private readonly name: string
  private controller: AbortController | undefined

  constructor(begin: () => StartedCall, wrap: (value: unknown) => unknown, name: string) {
    super()
    this.begin = begin
    this.wrap = wrap
    this.name = name
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { result, controller } = this.begin()
    this.controller = controller
    Promise.resolve(result).then(
      (value) => this.wake(this.wrap(value)),
      (error) => this.fail(error),
    )
    return false
  }

  cancel(): void {
    this.controller?.abort()
  }

  describe(): string {
    return this.name || 'a promise'
  }
}
