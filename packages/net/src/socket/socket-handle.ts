import type { Operation } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { showAddress } from '../address/address.ts'
import { type AddressFamily, checkFamily, checkProtocol, checkType, type SocketType } from '../address/family.ts'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../constants.ts'
import { DatagramDescription } from '../datagram/datagram-description.ts'
import type { Description } from '../description/description.ts'
import { osError } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import type { Transport } from '../stream/transport.ts'
import { CloseWait } from './close-wait.ts'
import { assignDescriptor, descriptionOf, releaseDescriptor } from './descriptors.ts'
import type { Listener } from './listener.ts'
import { StreamDescription } from './stream-description.ts'
import { type CallOptions, callTimeout } from './timeouts.ts'

/** Marks objects that define for `@greenlit/process` how they are sent to another process. */
const SENDABLE = Symbol.for('greenlit.process.sendable')

/** Options for creating a socket from an existing one. */
export interface SocketOptions {
  /** The number of an open socket whose connection the new socket takes over, usually after `detach`. */
  fileno?: number | undefined
}

/** What a socket object holds: a share of a connection, its number, and the files that keep it open. */
export abstract class SocketHandle {
  /** AF_INET, AF_INET6 or AF_UNIX. */
  readonly family: AddressFamily
  /** SOCK_STREAM or SOCK_DGRAM. */
  readonly type: SocketType
  /** The protocol as given; 0 stands for the type's default. */
  readonly proto: number
  /** @internal */
  description: Description | null
  private files: Set<Disposable> | null = null
  private secured: SocketHandle | null = null
  private isClosed = false
  /** 0 until the number is asked for. */
  private descriptor = 0

  constructor(
    family: AddressFamily = AF_INET,
    type: SocketType = SOCK_STREAM,
    proto = 0,
    options: SocketOptions | { description: Description } = {},
  ) {
    let description: Description | undefined
    if ('description' in options) {
      description = options.description
    } else if (options.fileno !== undefined) {
      description = descriptionOf(checkDescriptor(options.fileno))
      if (description === undefined) throw osError('EBADF')
      this.descriptor = options.fileno
    }
    this.family = description?.family ?? checkFamily(family)
    this.type = description?.type ?? checkType(type)
    this.proto = proto === 0 ? 0 : checkProtocol(this.family, this.type, proto)
    this.description =
      description ??
      (this.type === SOCK_DGRAM ? new DatagramDescription(this.family) : new StreamDescription(this.family))
  }

  /** Whether `close` or `detach` was called. */
  get closed(): boolean {
    return this.isClosed
  }

  /** The number that identifies the socket within this process, for `select` and `socket({ fileno })`; -1 once closed. */
  fileno(): number {
    const { description } = this
    if (description === null) return -1
    if (this.descriptor === 0 && !description.closed) this.descriptor = assignDescriptor(description)
    return this.descriptor === 0 ? -1 : this.descriptor
  }

  /** @internal Without this marker a socket that holds no callbacks yet would arrive in another process as a plain object. */
  get [SENDABLE](): true {
    return true
  }

  /** @internal */
  toReference(): never {
    throw new TypeError(
      'a socket stays in its process: a `WorkerSet` hands over those of node:net, a `PreforkServer` its own',
    )
  }

  /** @internal */
  openDescription(): Description {
    const { description } = this
    // Another socket created from the same number may have closed the description.
    if (description === null || description.closed) throw osError('EBADF')
    return description
  }

  /** @internal */
  streamOf(): StreamDescription {
    const { description } = this
    if (description === null || description.closed) throw osError('EBADF')
    if (this.type !== SOCK_STREAM) throw osError('EOPNOTSUPP')
    return description as StreamDescription
  }

  /** @internal */
  connected(code: 'ENOTCONN' | 'EPIPE'): Transport {
    return this.streamOf().connected(code)
  }

  /** @internal */
  listenerOf(): Listener | null {
    return this.streamOf().listener
  }

  /** @internal */
  datagramsOf(): DatagramDescription {
    return this.openDescription() as DatagramDescription
  }

  /**
   * Closes the socket immediately (Python: close). Calls blocked on it get EBADF. The connection stays open while files from
   * `makefile` are. Closing with unread bytes resets the connection, as in the kernel. Closing twice is harmless.
   *
   * @param options `timeout` of the returned operation
   * @returns an operation that waits until everything sent has been flushed; there is no need to run it
   */
  close(options?: CallOptions): Operation<undefined> {
    const { description } = this
    this.isClosed = true
    if (this.files === null) this.dropDescription()
    return new CloseWait(description, callTimeout(options))
  }

  private dropDescription(): void {
    const { description, descriptor } = this
    // Already closed, or detached: the number is another socket's by now.
    if (description === null) return
    this.description = null
    // A number that is no longer in use belonged to another socket too, which has closed it.
    if (descriptor === 0 || releaseDescriptor(descriptor)) description.drop(this)
  }

  /** @internal Leaves the connection to a secure socket. */
  handOverTo(secure: SocketHandle): void {
    this.secured = secure
    secure.descriptor = this.descriptor
    this.isClosed = true
    this.description = null
  }

  /** @internal The socket that has the connection: this one, unless it was wrapped in TLS. */
  get holder(): SocketHandle {
    return this.secured?.holder ?? this
  }

  /** @internal Closes the files from `makefile`, which send what they have buffered if that is still possible. */
  closeFiles(): void {
    this.secured?.closeFiles()
    for (const file of this.files ?? []) {
      try {
        file[Symbol.dispose]()
      } catch (error) {
        if (!(error instanceof OSError)) throw error
      }
    }
  }

  /** @internal Registers a file that keeps the connection open. */
  openFile(file: Disposable): void {
    this.files ??= new Set()
    this.files.add(file)
  }

  /** @internal */
  closeFile(file: Disposable): void {
    this.files?.delete(file)
    if (this.files?.size !== 0) return
    this.files = null
    if (this.isClosed) this.dropDescription()
  }

  /**
   * Closes the socket object but leaves its connection open (Python: detach). Calls blocked on it get EBADF.
   *
   * @returns the connection's number, for `socket({ fileno })`; -1 if the socket was closed
   */
  detach(): number {
    const number = this.fileno()
    const { description } = this
    this.isClosed = true
    this.description = null
    description?.leave(this)
    return number
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  toString(): string {
    const { name } = this.constructor
    const { description } = this
    if (description === null || description.closed) return `<${name} [closed]>`
    const { localName, peerName } = description
    const local = localName ? `, laddr=${showAddress(localName)}` : ''
    const peer = peerName ? `, raddr=${showAddress(peerName)}` : ''
    return `<${name} fd=${this.fileno()}, family=${this.family}, type=${this.type}, proto=${this.proto}${local}${peer}>`
  }
}

function checkDescriptor(fileno: unknown): number {
  if (typeof fileno === 'number' && Number.isInteger(fileno) && fileno >= 0) return fileno
  const message = `Expected \`fileno\` to be a whole number from 0 up, got ${show(fileno)}`
  throw typeof fileno === 'number' ? new RangeError(message) : new TypeError(message)
}
