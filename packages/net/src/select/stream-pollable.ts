import type { Readable, Writable } from 'node:stream'
import type { Observer, Pollable } from '../socket/description.ts'
import { nextDescriptor } from '../socket/descriptors.ts'

type NodeStream = Partial<Readable> & Partial<Writable> & NodeJS.EventEmitter & { fd?: unknown }

const known = new WeakMap<object, StreamPollable>()

/** One of Node's streams (standard input, a child's output) for `select`. It is listened to only while somebody waits. */
export class StreamPollable implements Pollable {
  readonly fd: number
  readonly isExternal = true
  private readonly stream: NodeStream
  private readonly observers = new Set<Observer>()

  private constructor(stream: NodeStream) {
    this.stream = stream
    this.fd = typeof stream.fd === 'number' && stream.fd >= 0 && stream.fd < 3 ? stream.fd : nextDescriptor()
  }

  /** The one for a stream, or `undefined` if it is none. */
  static of(value: object): StreamPollable | undefined {
    const found = known.get(value)
    if (found !== undefined) return found
    const stream = value as NodeStream
    if (typeof stream.on !== 'function' || typeof stream.off !== 'function') return undefined
    if (typeof stream.read !== 'function' && typeof stream.write !== 'function') return undefined
    const made = new StreamPollable(stream)
    known.set(value, made)
    return made
  }

  /** A closed stream is at its end, which is readable. */
  get closed(): boolean {
    return false
  }

  get readable(): boolean {
    const { stream } = this
    if (typeof stream.read !== 'function') return false
    return stream.readableLength! > 0 || stream.readableEnded === true || this.hasFailed || stream.destroyed === true
  }

  get writable(): boolean {
    const { stream } = this
    return typeof stream.write === 'function' && (stream.writableNeedDrain !== true || stream.destroyed === true)
  }

  get hasFailed(): boolean {
    return this.stream.errored !== null && this.stream.errored !== undefined
  }

  get hungUp(): boolean {
    return this.stream.destroyed === true
  }

  startWatching(): void {}

  observe(observer: Observer): void {
    if (this.observers.size === 0) for (const [name, listener] of this.listeners()) this.stream.on(name, listener)
    this.observers.add(observer)
  }

  unobserve(observer: Observer): void {
    if (!this.observers.delete(observer) || this.observers.size > 0) return
    for (const [name, listener] of this.listeners()) this.stream.off(name, listener)
  }

  private listeners(): [name: string, listener: () => void][] {
    const names = ['end', 'error', 'close']
    const listeners: [string, () => void][] = names.map((name) => [name, this.changed])
    if (typeof this.stream.read === 'function') listeners.push(['readable', this.onReadable])
    if (typeof this.stream.write === 'function') listeners.push(['drain', this.changed])
    return listeners
  }

  private readonly changed = (): void => {
    for (const observer of [...this.observers]) observer.changed(this)
  }

  private readonly onReadable = (): void => {
    // At the end of the stream 'readable' comes with nothing to read; this makes Node tell the end.
    if (this.stream.readableLength === 0) this.stream.read!(0)
    this.changed()
  }
}
