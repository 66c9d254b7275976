import { checkCallable } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'

/** An object that becomes ready when a process ends, as returned by `Process.sentinel`. */
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

  /** Calls a function in the hub when the process ends; if it already has, in the hub's next turn. */
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

  /** Removes one link to the function. */
  unlink(callback: (sentinel: Sentinel) => unknown): void {
    const index = this.callbacks.findIndex((entry) => entry.callback === callback)
    if (index >= 0) this.process.unlink(this.callbacks.splice(index, 1)[0]!.link)
  }
}

/** The part of a `Process` that a sentinel needs. */
interface SentinelSource {
  ready(): unknown
  rawlink(callback: () => unknown): void
  unlink(callback: () => unknown): void
}

refuseToSend([Sentinel])
