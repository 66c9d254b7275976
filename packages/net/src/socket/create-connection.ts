import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkOptions, show } from '@greenlit/core/engine'
import { type Address, checkAddress, type InetAddress } from '../address/address.ts'
import type { AddressFamily } from '../address/family.ts'
import { zonedHost } from '../address/scope.ts'
import { AF_INET6, AF_UNIX, AF_UNSPEC, SOCK_STREAM } from '../constants.ts'
import { attemptOS } from '../errors/attempt-os.ts'
import { getaddrinfo } from '../resolver/getaddrinfo.ts'
import { type InetSocket, Socket } from './socket.ts'
import { checkSocketTimeout, getdefaulttimeout } from './timeouts.ts'

/** Options of `createConnection`. */
export interface CreateConnectionOptions {
  /**
   * The timeout for each address in milliseconds, which the socket keeps afterwards; `undefined` for none. Default:
   * `getdefaulttimeout()`. As in Python, it does not limit how long resolving the host takes: `withTimeout` limits both.
   */
  timeout?: number | undefined
  /** The local address to connect from, such as `['', 0]`. Default: chosen by the system. */
  sourceAddress?: InetAddress | undefined
  /** Whether to throw the errors of all addresses as an `AggregateError`. Default false: only the last error is thrown. */
  allErrors?: boolean | undefined
}

/**
 * Connects to a host, trying each of its addresses in turn (Python: socket.create_connection). A socket that fails to connect is
 * closed, also when the call is killed or times out. Unix socket paths that contain a '/', and abstract names, are accepted too,
 * so that the `address` of any server can be passed.
 *
 * @param address `[host, port]`, or a path
 * @param options see `CreateConnectionOptions`
 * @returns the connected socket
 * @throws {OSError} the error of the last address; {AggregateError} of all errors with `allErrors`; {gaierror} for an unknown name
 * @example
 * const client = yield* createConnection(['127.0.0.1', 8080], { timeout: 5_000 })
 */
export function createConnection(address: InetAddress, options?: CreateConnectionOptions): Operation<InetSocket>
export function createConnection(address: Address, options?: CreateConnectionOptions): Operation<Socket>
export function createConnection(address: Address, options?: CreateConnectionOptions): Operation<Socket> {
  const isPath = typeof address === 'string' && (address.includes('/') || address.startsWith('\0'))
  if (!isPath && !Array.isArray(address)) {
    throw new TypeError(
      `createConnection(): expected \`address\` to be [host, port] or a path with a '/', got ${show(address)}`,
    )
  }
  const checked = checkAddress(isPath ? AF_UNIX : AF_INET6, address, 'createConnection')
  const given = typeof options === 'number' ? { timeout: options as number } : checkOptions(options)
  const timeout = 'timeout' in given ? checkSocketTimeout(given.timeout) : getdefaulttimeout()
  checkSource(isPath, given.sourceAddress)
  if (isPath) return new Call(connectTo, [[AF_UNIX, SOCK_STREAM, 0, '', checked], timeout, given.sourceAddress])
  return new Call(connectToAny, [checked as InetAddress, timeout, given])
}

function checkSource(isPath: boolean, source: unknown): void {
  if (source === undefined || source === null) return
  if (!isPath && !Array.isArray(source)) {
    throw new TypeError(`createConnection(): expected \`sourceAddress\` to be [host, port], got ${show(source)}`)
  }
  checkAddress(isPath ? AF_UNIX : AF_INET6, source, 'createConnection')
}

function* connectToAny(
  address: InetAddress,
  timeout: number | undefined,
  { sourceAddress, allErrors = false }: CreateConnectionOptions,
): Coroutine<Socket> {
  const errors: Error[] = []
  for (const info of yield* getaddrinfo(zonedHost(address), address[1], AF_UNSPEC, SOCK_STREAM)) {
    const connected = yield* attemptOS(connectTo(info, timeout, sourceAddress))
    if (connected.ok) return connected.value
    errors.push(connected.error)
  }
  throw allErrors ? new AggregateError(errors, 'createConnection failed') : errors.at(-1)!
}

function* connectTo(
  [family, type, proto, , address]: readonly [AddressFamily, number, number, string, Address],
  timeout: number | undefined,
  sourceAddress: Address | null | undefined,
): Coroutine<Socket> {
  const socket = new Socket(family, type as typeof SOCK_STREAM, proto)
  try {
    socket.settimeout(timeout)
    if (sourceAddress !== undefined && sourceAddress !== null) yield* socket.bind(sourceAddress)
    yield* socket.connect(address)
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}
