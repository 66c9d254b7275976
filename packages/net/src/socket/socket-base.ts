import { show } from '@greenlit/core/engine'
import { type Address, unboundAddress } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { SOCK_NONBLOCK } from '../constants.ts'
import type { Description } from '../description/description.ts'
import { osError } from '../errors/make.ts'
import { packOption } from './packed-option.ts'
import { SocketHandle, type SocketOptions } from './socket-handle.ts'
import { getSocketOption, setSocketOption } from './socket-options.ts'
import { checkSocketTimeout, getdefaulttimeout } from './timeouts.ts'

/** The non-blocking part of every socket: its timeout, addresses and options. */
export abstract class SocketBase extends SocketHandle {
  /** @internal */
  timeoutValue: number | undefined

  constructor(
    family?: AddressFamily,
    type?: SocketType,
    proto?: number,
    options?: SocketOptions | { description: Description },
  ) {
    super(family, type, proto, options)
    this.timeoutValue = ((type ?? 0) & SOCK_NONBLOCK) === 0 ? getdefaulttimeout() : 0
  }

  /**
   * Sets how long each call may block (Python: settimeout). A call that times out throws `TimeoutError` and leaves the socket
   * usable. With 0 the socket is non-blocking: a call that would block throws `BlockingIOError`. What has
   * already arrived is found nevertheless; looking for it takes up to two turns of Node's event loop.
   *
   * @param timeout milliseconds, 0 or more; `undefined` for no timeout
   * @throws {TypeError} if `timeout` is not a number; {RangeError} if it is negative; {OSError} EBADF if the socket is closed
   */
  settimeout(timeout: number | undefined): void {
    const checked = checkSocketTimeout(timeout)
    this.openDescription()
    this.timeoutValue = checked
  }

  /** Returns the timeout of each call in milliseconds, or `undefined` if there is none (Python: gettimeout). */
  gettimeout(): number | undefined {
    return this.timeoutValue
  }

  /** The same as `gettimeout()`. */
  get timeout(): number | undefined {
    return this.timeoutValue
  }

  /** Makes the socket blocking or non-blocking: `true` is `settimeout(undefined)`, `false` is `settimeout(0)`. */
  setblocking(flag: boolean): void {
    this.settimeout(flag ? undefined : 0)
  }

  /** Returns whether calls may block. */
  getblocking(): boolean {
    return this.timeoutValue !== 0
  }

  /**
   * Whether the open socket keeps the program alive (gevent: ref). Default true. Sockets that share a connection through `dup`
   * share this setting. Unix datagram sockets always keep the program alive.
   *
   * @throws {TypeError} if set to anything but `true` or `false`; {OSError} EBADF if the socket is closed
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

  /** Returns the socket's local address; before it has one, the wildcard address with port 0, or '' for AF_UNIX. */
  getsockname(): Address {
    const description = this.openDescription()
    return description.localName ?? unboundAddress(this.family)
  }

  /**
   * Returns the peer's address.
   *
   * @throws {OSError} ENOTCONN if the socket has no peer
   */
  getpeername(): Address {
    const name = this.openDescription().peerName
    if (name === undefined) throw osError('ENOTCONN')
    return name
  }

  /**
   * Sets an option (Python: setsockopt). An option set before there is a connection is applied once there is one.
   *
   * @param level SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP or IPPROTO_IPV6
   * @param option one of SO_*, TCP_*, IP_*, IPV6_*
   * @param value a whole number or boolean; SO_LINGER takes `[on, seconds]`, memberships `[group, interface?]`. The bytes of the
   * corresponding C struct work too
   * @throws {OSError} ENOPROTOOPT for an option that Node cannot set, EINVAL for a value out of range
   */
  setsockopt(level: number, option: number, value: number | boolean | readonly unknown[] | Uint8Array): void {
    setSocketOption(this.openDescription(), level, option, value)
  }

  /**
   * Reads an option (Python: getsockopt). SO_ERROR returns the errno of the last failure that no call has reported, and clears it.
   * On an accepted connection that has not been used yet the first SO_ERROR only starts reading; a failure shows up in a later
   * one.
   *
   * @param buflen how many bytes of the C struct to return, from 1 to 1024; without it the option is returned as a number
   * @throws {OSError} ENOPROTOOPT for an option that Node cannot read
   */
  getsockopt(level: number, option: number, buflen?: 0): number
  getsockopt(level: number, option: number, buflen: number): Buffer
  getsockopt(level: number, option: number, buflen?: number): number | Buffer {
    const description = this.openDescription()
    const length = checkLength(buflen)
    const value = getSocketOption(description, level, option)
    return length === 0 ? value : packOption(description, level, option, value).subarray(0, length)
  }
}

function checkLength(buflen: unknown): number {
  if (buflen === undefined) return 0
  const message = `Expected \`buflen\` to be a whole number from 0 to 1024, got ${show(buflen)}`
  if (typeof buflen !== 'number' || !Number.isInteger(buflen)) throw new TypeError(message)
  if (buflen < 0 || buflen > 1024) throw osError('EINVAL', message)
  return buflen
}
