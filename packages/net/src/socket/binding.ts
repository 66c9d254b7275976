import { existsSync } from 'node:fs'
import * as net from 'node:net'
import { dirname } from 'node:path'
import type { Coroutine } from '@greenlit/core'
import { fromCallback } from '@greenlit/core'
import { type Address, formatAddress, type InetAddress } from '../address/address.ts'
import { AF_UNIX, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEPORT, SOL_SOCKET } from '../constants.ts'
import type { Description } from '../description/description.ts'
import { fromNode, osError } from '../errors/make.ts'
import { resolveHost } from '../resolver/resolve-host.ts'
import { BoundSocket } from './bound-socket.ts'
import { Listener } from './listener.ts'

const DEFAULT_BACKLOG = 511

/** What is bound but not listened on. As libuv sets SO_REUSEADDR, the kernel would let it be bound twice. */
const reservations = new Set<Reservation>()

interface Reservation {
  readonly host: string
  readonly port: number
  readonly ipv6Only: boolean
  readonly reusePort: boolean
}

/**
 * A bound local address. Node 24 and up can bind before it is known whether the socket will listen or connect. On older versions a
 * server listens right away and holds its connections until `listen` is called.
 */
export class Binding {
  readonly address: Address
  private bound: BoundSocket | null
  /** The listener that is already open, on versions of Node that cannot bind without listening. */
  earlyListener: Listener | null
  private readonly reservation: Reservation | null

  constructor(
    address: Address,
    bound: BoundSocket | null,
    earlyListener: Listener | null,
    reservation: Reservation | null,
  ) {
    this.address = address
    this.bound = bound
    this.earlyListener = earlyListener
    this.reservation = reservation
    if (reservation !== null) reservations.add(reservation)
  }

  /** Takes over the open listener, or the handle to listen on; both are `null` if they were taken before. */
  take(): { earlyListener: Listener | null; handle: BoundSocket | null } {
    const { earlyListener, bound } = this
    this.earlyListener = null
    this.bound = null
    this.release()
    return { earlyListener, handle: bound }
  }

  close(): void {
    this.earlyListener?.close()
    this.bound?.close()
    this.bound = null
    this.release()
  }

  private release(): void {
    if (this.reservation !== null) reservations.delete(this.reservation)
  }
}

/** Binds a stream socket. */
export function* bindStream(description: Description, address: Address): Coroutine<Binding> {
  if (description.family === AF_UNIX) {
    return yield* bindPath(address === '' ? autobindName() : (address as string))
  }
  const [, port] = address as InetAddress
  const host = yield* resolveHost(description.family, address as InetAddress)
  const ipv6Only = description.options.get(IPPROTO_IPV6, IPV6_V6ONLY) === 1
  const reusePort = description.options.get(SOL_SOCKET, SO_REUSEPORT) === 1
  const options = { host, port, ipv6Only, reusePort }
  if (BoundSocket === undefined) {
    const listener = yield* listenOn(makeServer(), { ...options, backlog: DEFAULT_BACKLOG, exclusive: true })
    return new Binding(serverAddress(description, listener), null, listener, null)
  }
  const bound = bindSync(options)
  const actual = bound.address() as { address: string; port: number }
  const reservation = { host: actual.address, port: actual.port, ipv6Only, reusePort }
  for (const other of reservations) {
    if (!conflict(reservation, other)) continue
    bound.close()
    throw osError('EADDRINUSE')
  }
  return new Binding(formatAddress(description.family, host, actual.port), bound, null, reservation)
}

function conflict(one: Reservation, other: Reservation): boolean {
  if (one.port !== other.port || (one.reusePort && other.reusePort)) return false
  return one.host === other.host || covers(one, other.host) || covers(other, one.host)
}

/** Whether an address is a wildcard that includes a host. */
function covers({ host, ipv6Only }: Reservation, other: string): boolean {
  if (host === '0.0.0.0') return !other.includes(':')
  return host === '::' && (!ipv6Only || other.includes(':'))
}

function* bindPath(path: string): Coroutine<Binding> {
  try {
    if (BoundSocket !== undefined) return new Binding(path, bindSync({ path }), null, null)
    return new Binding(path, null, yield* listenOn(makeServer(), { path, backlog: DEFAULT_BACKLOG }), null)
  } catch (error) {
    // For a missing directory libuv reports EACCES, as on Windows.
    if ((error as { code?: unknown }).code !== 'EACCES' || existsSync(dirname(path))) throw error
    throw osError('ENOENT')
  }
}

function bindSync(options: ConstructorParameters<NonNullable<typeof BoundSocket>>[0]): BoundSocket {
  try {
    return new BoundSocket!(options)
  } catch (error) {
    throw fromNode(error)
  }
}

/** Returns a unique abstract name for a nameless unix socket, as Linux's autobind does. */
function autobindName(): string {
  // Loaded here, since it takes long to load and few programs need it.
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  return `\0${randomBytes(8).toString('hex')}`
}

/** Creates a server whose connections are not read before `accept`. */
export function makeServer(): net.Server {
  return net.createServer({ allowHalfOpen: true, pauseOnConnect: true })
}

/** Starts listening and waits until Node reports that it is. */
function* listenOn(server: net.Server, options: net.ListenOptions): Coroutine<Listener> {
  yield* waitForListening(server, () => server.listen(options))
  return new Listener(server)
}

/** Like `listenOn`, for an address that is already bound. */
export function* listenOnBound(server: net.Server, handle: BoundSocket, backlog: number): Coroutine<Listener> {
  yield* waitForListening(server, () => server.listen(handle, backlog))
  return new Listener(server)
}

function* waitForListening(server: net.Server, listen: () => void): Coroutine<void> {
  try {
    yield* fromCallback((resume) => {
      const done = () => leave(undefined)
      const failed = (error: Error) => leave(fromNode(error))
      const leave = (error: Error | undefined) => {
        server.off('listening', done)
        server.off('error', failed)
        resume(error)
      }
      server.once('listening', done)
      server.once('error', failed)
      listen()
    })
  } catch (error) {
    // After a kill or a failure nothing may be left listening.
    server.on('error', () => {})
    server.close()
    throw error
  }
}

/** Returns the address that a server is bound to. */
export function serverAddress(description: Description, listener: Listener): Address {
  const address = listener.server.address()
  if (address === null || typeof address === 'string') return address ?? ''
  return formatAddress(description.family, address.address, address.port)
}
