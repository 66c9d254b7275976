import type { Readable, Writable } from 'node:stream'
import { PipeReader, PipeWriter } from '@greenlit/process'
import type { Observer, Pollable } from '../description/description.ts'
import { nextDescriptor } from '../socket/descriptors.ts'

type NodeStream = Partial<Readable> & Partial<Writable> & NodeJS.EventEmitter & { fd?: unknown }

const known = new WeakMap<object, StreamPollable>()

/** Makes a Node stream, such as standard input, or a pipe of a `Popen` usable with `select`. Adds listeners only during waits. */
export class StreamPollable implements Pollable {
  readonly fd: number
  readonly isExternal = true
  readonly mayStayObserved = false
  private readonly stream: NodeStream
  private readonly pipe: PipeReader | PipeWriter | undefined
  private readonly reads: boolean
  private readonly writes: boolean
  private readonly observers = new Set<Observer>()

  private constructor(stream: NodeStream, pipe: PipeReader | PipeWriter | undefined) {
    this.stream = stream
    this.pipe = pipe
    // Node's pipes are sockets, which have both methods.
    this.reads = typeof stream.read === 'function' && !(pipe instanceof PipeWriter)
    this.writes = typeof stream.write === 'function' && !(pipe instanceof PipeReader)
    this.fd = typeof stream.fd === 'number' && stream.fd >= 0 && stream.fd < 3 ? stream.fd : nextDescriptor()
  }

  /** Returns the pollable of a stream or pipe, or `undefined` if the value is neither. */
  static of(value: object): StreamPollable | undefined {
    const found = known.get(value)
    if (found !== undefined) return found
    const pipe = value instanceof PipeReader || value instanceof PipeWriter ? value : undefined
    const stream = (pipe?.stream ?? value) as NodeStream
    if (typeof stream.on !== 'function' || typeof stream.off !== 'function') return undefined
    if (typeof stream.read !== 'function' && typeof stream.write !== 'function') return undefined
    const made = new StreamPollable(stream, pipe)
    known.set(value, made)
    return made
  }

  /** Only pipes count as closed: a destroyed stream is at its end, which is readable. */
  get closed(): boolean {
    return this.pipe?.closed ?? false
  }

  get readable(): boolean {
    const { stream, pipe } = this
    if (!this.reads) return false
    if (pipe instanceof PipeReader && pipe.hasMore) return true
    return stream.readableLength! > 0 || stream.readableEnded === true || this.hasFailed || stream.destroyed === true
  }

  get writable(): boolean {
    const { stream } = this
    return this.writes && (stream.writableNeedDrain !== true || stream.destroyed === true)
  }

  get hasFailed(): boolean {
    return this.stream.errored !== null && this.stream.errored !== undefined
  }

  get hungUp(): boolean {
    return this.stream.destroyed === true
  }

  startWatching(): void {}

  observe(observer: Observer): void {
    if (this.observers.size === 0) this.listen()
    this.observers.add(observer)
  }

  private listen(): void {
    for (const [name, listener] of this.listeners()) this.stream.on(name, listener)
    this.pipe?.hold(true)
    // Node announces an end it already knows of only to the first 'readable' listener, which for a pipe is its reader.
    if (this.reads) this.stream.read!(0)
  }

  unobserve(observer: Observer): void {
    if (!this.observers.delete(observer) || this.observers.size > 0) return
    for (const [name, listener] of this.listeners()) this.stream.off(name, listener)
    this.pipe?.hold(false)
  }

  private listeners(): [name: string, listener: () => void][] {
    const names = ['end', 'error', 'close']
    const listeners: [string, () => void][] = names.map((name) => [name, this.changed])
    if (this.reads) listeners.push(['readable', this.onReadable])
    if (this.writes) listeners.push(['drain', this.changed])
    return listeners
  }

  private readonly changed = (): void => {
    for (const observer of [...this.observers]) observer.changed(this)
  }

  private readonly onReadable = (): void => {
    // At the end of the stream, 'readable' is emitted with nothing to read; reading then makes Node emit 'end'.
    if (this.stream.readableLength === 0) this.stream.read!(0)
    this.changed()
  }
}
