import { checkCallable } from '@greenlit/core/engine'

/** What `Process.sentinel` is: something to wait for that is ready at the end of a process. */
export class Sentinel {
  private readonly process: SentinelSource
  private readonly callbacks: { callback: (sentinel: Sentinel) => unknown; link: () => void }[] = []

  /** @internal */
  constructor(process: SentinelSource) {
    this.process = process
  }

  /** Whether the process has ended. */
  ready(): boolean {
    return this.process.ready() !== undefined
  }

  /** Calls a function in the hub at the end of the process, or later if that was before. */
  rawlink(callback: (sentinel: Sentinel) => unknown): void {
    checkCallable(callback, 'callback')
    const link = () => {
      this.callbacks.splice(this.callbacks.indexOf(entry), 1)
      callback(this)
    }
    const entry = { callback, link }
    this.callbacks.push(entry)
    this.process.rawlink(entry.link)
  }

  /** Takes back one link of the function. */
  unlink(callback: (sentinel: Sentinel) => unknown): void {
    const index = this.callbacks.findIndex((entry) => entry.callback === callback)
    if (index >= 0) this.process.unlink(this.callbacks.splice(index, 1)[0]!.link)
  }
}

/** The process behind a sentinel. */
interface SentinelSource {
  ready(): unknown
  rawlink(callback: () => unknown): void
  unlink(callback: () => unknown): void
}
