import { Blocking } from '../../engine/blocking.ts'

/** A call that was made: what it gave, and what calls it off. */
export interface Started {
  readonly result: unknown
  readonly controller?: AbortController | undefined
}

/** The wait for a promise that a call gives; a kill calls the work off, if that takes a signal. */
export class Settlement extends Blocking<unknown> {
  private readonly begin: () => Started
  private readonly wrap: (value: unknown) => unknown
  private readonly name: string
  private controller: AbortController | undefined

  constructor(begin: () => Started, wrap: (value: unknown) => unknown, name: string) {
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
