import type { Operation } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { type Address, unboundAddress } from '../address/address.ts'
import { type AddressFamily, checkFamily, checkProtocol, checkType, type SocketType } from '../address/family.ts'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../constants.ts'
import { DatagramDescription } from '../datagram/datagram-description.ts'
import { osError } from '../errors/make.ts'
import { OSError } from '../errors/os-error.ts'
import type { Transport } from '../stream/transport.ts'
import { CloseWait } from './close-wait.ts'
import type { Description } from './description.ts'
import { descriptionOf } from './descriptors.ts'
import type { Listener } from './listener.ts'
import { getSocketOption, setSocketOption } from './socket-options.ts'
import { StreamDescription } from './stream-description.ts'
import { type CallOptions, callTimeout, checkSocketTimeout, getdefaulttimeout } from './timeouts.ts'

/** By this sign `@greenlit/process` knows what says itself how it is sent. */
const SENDABLE = Symbol.for('greenlit.process.sendable')

/** How a socket is made from what there is already. */
export interface SocketOptions {
  /** The number of an open socket, whose connection the new one takes over (as after `detach`). */
  fileno?: number
}

/** What every socket can tell and set without waiting: its state, names, limit and options. */
export abstract class SocketBase {
  /** AF_INET, AF_INET6 or AF_UNIX. */
  readonly family: AddressFamily
  /** SOCK_STREAM or SOCK_DGRAM. */
  readonly type: SocketType
  /** The protocol as given; 0 is the type's own. */
  readonly proto: number
  /** @internal */
  timeoutValue: number | undefined
  /** @internal */
  description: Description | null
  private files: Set<Disposable> | null = null
  private isClosed = false

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
    }
    this.family = description?.family ?? checkFamily(family)
    this.type = description?.type ?? checkType(type)
    this.proto = proto === 0 ? 0 : checkProtocol(this.family, this.type, proto)
    this.timeoutValue = getdefaulttimeout()
    this.description =
      description ??
      (this.type === SOCK_DGRAM ? new DatagramDescription(this.family) : new StreamDescription(this.family))
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.isClosed
  }

  /** A number that stands for the socket within this process, for `select` and `socket({ fileno })`; -1 once closed. */
  fileno(): number {
    return this.description?.fd ?? -1
  }

  /** @internal Without it a socket that holds no callbacks yet would arrive as a plain object. */
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
    // It may be closed: another socket may have been made by its number.
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
   * Sets how long each call may wait (Python: settimeout). A call whose time is over throws `TimeoutError` and leaves the socket
   * usable; a limit of 0 never waits: such calls throw `BlockingIOError`.
   *
   * @param timeout milliseconds from 0 up; `undefined` waits without end
   * @throws {TypeError} if it is no number; {RangeError} if it is negative; {OSError} EBADF when closed
   */
  settimeout(timeout: number | undefined): void {
    const checked = checkSocketTimeout(timeout)
    this.openDescription()
    this.timeoutValue = checked
  }

  /** The limit of each call in milliseconds; `undefined` if there is none. */
  gettimeout(): number | undefined {
    return this.timeoutValue
  }

  /** As `gettimeout`. */
  get timeout(): number | undefined {
    return this.timeoutValue
  }

  /** `true` is `settimeout(undefined)`, `false` is `settimeout(0)`. */
  setblocking(flag: boolean): void {
    this.settimeout(flag ? undefined : 0)
  }

  /** Whether calls may wait. */
  getblocking(): boolean {
    return this.timeoutValue !== 0
  }

  /**
   * Whether the open socket keeps the program alive (gevent: ref). Default true. It is set for all that share the connection by
   * `dup`; unix datagram sockets keep it alive always.
   *
   * @throws {TypeError} if it is set to anything but `true` or `false`; {OSError} EBADF when closed
   * @example
   * const statistics = await createServer(['127.0.0.1', 8126])
   * statistics.ref = false // the program ends although this still listens
   */
  get ref(): boolean {
    return this.openDescription().ref
  }

  set ref(ref: boolean) {
    if (typeof ref !== 'boolean') throw new TypeError(`Expected \`ref\` to be true or false, got ${show(ref)}`)
    this.openDescription().ref = ref
  }

  /** The socket's own address; before it has one, that of any host and port 0, or ''. */
  getsockname(): Address {
    const description = this.openDescription()
    return description.localName ?? unboundAddress(this.family)
  }

  /**
   * The peer's address.
   *
   * @throws {OSError} ENOTCONN without a peer
   */
  getpeername(): Address {
    const name = this.openDescription().peerName
    if (name === undefined) throw osError('ENOTCONN')
    return name
  }

  /**
   * Sets an option (Python: setsockopt). Before there is a connection it is kept and set then.
   *
   * @param level SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP or IPPROTO_IPV6
   * @param option one of SO_*, TCP_*, IP_*, IPV6_*
   * @param value a whole number or truth; SO_LINGER takes `[on, seconds]`, memberships `[group, interface?]`; or the bytes of C's
   * struct
   * @throws {OSError} ENOPROTOOPT for an option that Node cannot set, EINVAL for a value outside its range
   */
  setsockopt(level: number, option: number, value: number | boolean | readonly unknown[] | Uint8Array): void {
    setSocketOption(this.openDescription(), level, option, value)
  }

  /**
   * Reads an option (Python: getsockopt). SO_ERROR gives the number of the last failure that no call has told, and forgets it. Of a
   * connection that came in, and that nobody has used, the first look begins to watch it, and a later one tells.
   *
   * @throws {OSError} ENOPROTOOPT for an option that Node cannot read
   */
  getsockopt(level: number, option: number): number {
    return getSocketOption(this.openDescription(), level, option)
  }

  /**
   * Closes the socket at once (Python: close). Who waits on it gets EBADF. While files of `makefile` are open the connection
   * stays; bytes that nobody has read reset it, as the kernel does. Closing twice is fine.
   *
   * @param options `timeout` of the wait
   * @returns an operation that only waits until what was sent is out; there is no need to wait
   */
  close(options?: CallOptions): Operation<undefined> {
    const { description } = this
    this.isClosed = true
    if (this.files === null) this.dropDescription()
    return new CloseWait(description, callTimeout(options))
  }

  private dropDescription(): void {
    const { description } = this
    this.description = null
    description?.drop()
  }

  /** @internal Closes the files of `makefile`, which send what they have collected if that can still be. */
  closeFiles(): void {
    if (this.files === null) return
    for (const file of this.files) {
      try {
        file[Symbol.dispose]()
      } catch (error) {
        if (!(error instanceof OSError)) throw error
      }
    }
  }

  /** @internal One more file keeps the connection open. */
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
   * Lets go of the connection without closing it (Python: detach).
   *
   * @returns its number, for `socket({ fileno })`; -1 if the socket was closed
   */
  detach(): number {
    const { description } = this
    this.isClosed = true
    this.description = null
    return description?.fd ?? -1
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  toString(): string {
    const { name } = this.constructor
    if (this.description === null) return `<${name} [closed]>`
    return `<${name} fd=${this.fileno()}, family=${this.family}, type=${this.type}>`
  }
}

function checkDescriptor(fileno: unknown): number {
  if (typeof fileno === 'number' && Number.isInteger(fileno) && fileno >= 0) return fileno
  const message = `Expected \`fileno\` to be a whole number from 0 up, got ${show(fileno)}`
  throw typeof fileno === 'number' ? new RangeError(message) : new TypeError(message)
}
