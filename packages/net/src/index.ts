export { KeyError } from '@greenlit/process'
export type { Address, AddressLike, InetAddress } from './address/address.ts'
export { htonl, htons, ntohl, ntohs } from './address/byte-order.ts'
export type { AddressFamily, SocketType } from './address/family.ts'
export { ifIndextoname, ifNameindex, ifNametoindex } from './address/interfaces.ts'
export { inetAton, inetNtoa, inetNtop, inetPton } from './address/packed-address.ts'
export { BackdoorServer, type BackdoorServerOptions } from './backdoor/backdoor-server.ts'
export type { BufferLike, BytesLike } from './bytes.ts'
export * from './constants.ts'
export type { ReceiveLimits } from './datagram/datagram-queue.ts'
export { emulatedUnixDatagrams } from './datagram/emulated-unix.ts'
export {
  registerUnixDatagramProvider,
  type UnixDatagramProvider,
  type UnixDatagramSocket,
} from './datagram/unix-provider.ts'
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
  OSError as error,
  PermissionError,
  TimeoutError,
  TimeoutError as timeout,
} from './errors/os-error.ts'
export {
  SSLCertVerificationError,
  SSLCertVerificationError as CertificateError,
  SSLEOFError,
  SSLError,
  SSLWantReadError,
  SSLWantWriteError,
} from './errors/ssl-error.ts'
export { BinaryFile } from './file/binary-file.ts'
export type { OpenFile, SendableFile, SendfileOptions } from './file/sendfile.ts'
export type { MakefileOptions } from './file/socket-file.ts'
export { TextFile } from './file/text-file.ts'
export { getResolver, setResolver } from './resolver/current.ts'
export { DnsResolver, type DnsResolverOptions } from './resolver/dns-resolver.ts'
export { type AddressInfo, type AddressInfoOptions, getaddrinfo } from './resolver/getaddrinfo.ts'
export { gethostbyname, getnameinfo } from './resolver/getnameinfo.ts'
export {
  getfqdn,
  gethostbyaddr,
  gethostbynameEx,
  gethostname,
  type HostEntry,
} from './resolver/host-names.ts'
export { LookupResolver } from './resolver/lookup-resolver.ts'
export { getprotobyname } from './resolver/protocols.ts'
export { type CacheOptions, CachingResolver, type ResolvedAddress, type Resolver } from './resolver/resolver.ts'
export { getservbyname, getservbyport } from './resolver/services.ts'
export {
  DefaultSelector,
  DefaultSelector as BaseSelector,
  DefaultSelector as EpollSelector,
  DefaultSelector as GeventSelector,
  DefaultSelector as PollSelector,
  DefaultSelector as SelectSelector,
} from './select/default-selector.ts'
export type { FileObject } from './select/file-object.ts'
export { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, Poll, poll } from './select/poll.ts'
export { type SelectOptions, select } from './select/select.ts'
export { EVENT_READ, EVENT_WRITE, type SelectorKey } from './select/selector-key.ts'
export type { SelectorMap } from './select/selector-map.ts'
export { type WaitReadyOptions, waitRead, waitReadwrite, waitWrite } from './select/wait-ready.ts'
export { cancelWait, wait } from './select/wait-watcher.ts'
export { DatagramServer } from './server/datagram-server.ts'
export { GreenletServer, type GreenletServerOptions } from './server/greenlet-server.ts'
export type { Overridable } from './server/overridable.ts'
export type { AddressOf, ListenerOption } from './server/parse-listener.ts'
export { PreforkServer, type PreforkServerOptions } from './server/prefork-server.ts'
export type { SpawnFunction, SpawnOption } from './server/spawning.ts'
export { StreamServer, type StreamServerOptions } from './server/stream-server.ts'
export { type CreateConnectionOptions, createConnection } from './socket/create-connection.ts'
export { type CreateServerOptions, createServer, hasDualstackIPv6, hasDualstackIpv6 } from './socket/create-server.ts'
export { fromfd } from './socket/fromfd.ts'
export type { ListenOptions } from './socket/listen.ts'
export { type InetSocket, Socket, socket } from './socket/socket.ts'
export type { SocketOptions } from './socket/socket-handle.ts'
export { kernelSocketpair, socketpair } from './socket/socketpair.ts'
export {
  type CallOptions,
  getdefaulttimeout,
  type RecvIntoOptions,
  type RecvOptions,
  setdefaulttimeout,
} from './socket/timeouts.ts'
export { wrap } from './socket/wrap.ts'
export { BaseServer, type Request, type ServerOptions } from './socketserver/base-server.ts'
export { BytesIO } from './socketserver/bytes-io.ts'
export { DatagramRequestHandler } from './socketserver/datagram-request-handler.ts'
export type { ForkedDatagramSocket, ForkedServer } from './socketserver/forking/forked-server.ts'
export { type Forked, type Forking, ForkingMixIn } from './socketserver/forking-mix-in.ts'
export {
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  ForkingUnixStreamServer,
} from './socketserver/forking-servers.ts'
export type { Mixed, ServerClass } from './socketserver/mix-in.ts'
export {
  BaseRequestHandler,
  type RequestHandler,
  type RequestHandlerClass,
  runHandler,
} from './socketserver/request-handler.ts'
export { SocketServer } from './socketserver/socket-server.ts'
export { StreamRequestHandler } from './socketserver/stream-request-handler.ts'
export { ConnectionServer, TCPServer } from './socketserver/tcp-server.ts'
export { type ThreadPooling, ThreadPoolMixIn } from './socketserver/thread-pool-mix-in.ts'
export { type Threading, ThreadingMixIn } from './socketserver/threading-mix-in.ts'
export {
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
  ThreadPoolTCPServer,
  ThreadPoolUDPServer,
  ThreadPoolUnixDatagramServer,
  ThreadPoolUnixStreamServer,
} from './socketserver/threading-servers.ts'
export { type DatagramRequest, PacketServer, UDPServer } from './socketserver/udp-server.ts'
export { UnixDatagramServer, UnixStreamServer } from './socketserver/unix-servers.ts'
export { EOFError, IncompleteReadError } from './stream/recv-exact.ts'
export type { CertChain, Password } from './tls/cert-chain.ts'
export {
  CERT_NONE,
  CERT_OPTIONAL,
  CERT_REQUIRED,
  OP_ALL,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_NO_COMPRESSION,
  OP_NO_RENEGOTIATION,
  OP_NO_SSLv2,
  OP_NO_SSLv3,
  OP_NO_TICKET,
  OP_NO_TLSv1,
  OP_NO_TLSv1_1,
  OP_NO_TLSv1_2,
  OP_NO_TLSv1_3,
  OP_SINGLE_DH_USE,
  OP_SINGLE_ECDH_USE,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  Purpose,
  TLSVersion,
  type TLSVersionName,
  type VerifyMode,
} from './tls/constants.ts'
export { createDefaultContext, type DefaultContextOptions } from './tls/create-default-context.ts'
export { getServerCertificate, type ServerCertificateOptions } from './tls/get-server-certificate.ts'
export type { PemSource } from './tls/pem.ts'
export { type SniCallback, SSLContext } from './tls/ssl-context.ts'
export { type InetSSLSocket, SSLSocket } from './tls/ssl-socket.ts'
export type { VerifyLocations } from './tls/verify-locations.ts'
export { type ContextOptions, type WrapSocketOptions, wrapSocket } from './tls/wrap-socket.ts'
export type { WrapOptions } from './tls/wrap-with.ts'
export type { TimeoutOptions } from './within.ts'
