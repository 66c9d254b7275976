export type { Address, InetAddress } from './address/address.ts'
export type { AddressFamily, SocketType } from './address/family.ts'
export * from './constants.ts'
export { type ErrorCode, errno } from './errors/errno.ts'
export {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  gaierror,
  herror,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  OSError,
  PermissionError,
  TimeoutError,
  TimeoutError as timeout,
} from './errors/os-error.ts'
export { getResolver, setResolver } from './resolver/current.ts'
export { DnsResolver, type DnsResolverOptions } from './resolver/dns-resolver.ts'
export { LookupResolver } from './resolver/lookup-resolver.ts'
export { type CacheOptions, CachingResolver, type ResolvedAddress, type Resolver } from './resolver/resolver.ts'
export type { BytesLike } from './socket/bytes.ts'
export { Socket, socket } from './socket/socket.ts'
export { getdefaulttimeout, setdefaulttimeout } from './socket/timeouts.ts'
export { EOFError, IncompleteReadError } from './stream/recv-exact.ts'
