/** The values of Linux under the names of Python's socket module. Only what is supported here is defined. */
export const AF_UNSPEC = 0
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10

export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
/** Added to the type of a new socket, makes it non-blocking. */
export const SOCK_NONBLOCK = 0x800
/** May be added to the type of a new socket, as in Python. Has no effect: Node's sockets are never inherited. */
export const SOCK_CLOEXEC = 0x80000

export const IPPROTO_IP = 0
export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17
export const IPPROTO_IPV6 = 41

export const SOL_SOCKET = 1
export const SOL_TCP = 6
export const SOL_UDP = 17

export const SO_REUSEADDR = 2
export const SO_TYPE = 3
export const SO_ERROR = 4
export const SO_BROADCAST = 6
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_KEEPALIVE = 9
export const SO_LINGER = 13
export const SO_REUSEPORT = 15
export const SO_ACCEPTCONN = 30
export const SO_PROTOCOL = 38
export const SO_DOMAIN = 39

export const TCP_NODELAY = 1
export const TCP_KEEPIDLE = 4
export const TCP_KEEPINTVL = 5
export const TCP_KEEPCNT = 6

export const IP_TOS = 1
export const IP_TTL = 2
export const IP_MULTICAST_IF = 32
export const IP_MULTICAST_TTL = 33
export const IP_MULTICAST_LOOP = 34
export const IP_ADD_MEMBERSHIP = 35
export const IP_DROP_MEMBERSHIP = 36

export const IPV6_UNICAST_HOPS = 16
export const IPV6_MULTICAST_IF = 17
export const IPV6_MULTICAST_HOPS = 18
export const IPV6_MULTICAST_LOOP = 19
export const IPV6_JOIN_GROUP = 20
export const IPV6_LEAVE_GROUP = 21
export const IPV6_V6ONLY = 26

export const MSG_OOB = 1
export const MSG_PEEK = 2
export const MSG_DONTWAIT = 64
export const MSG_WAITALL = 256
export const MSG_NOSIGNAL = 16384

export const SHUT_RD = 0
export const SHUT_WR = 1
export const SHUT_RDWR = 2

export const AI_PASSIVE = 1
export const AI_CANONNAME = 2
export const AI_NUMERICHOST = 4
export const AI_V4MAPPED = 8
export const AI_ALL = 16
export const AI_ADDRCONFIG = 32
export const AI_NUMERICSERV = 1024

export const NI_NUMERICHOST = 1
export const NI_NUMERICSERV = 2
export const NI_NAMEREQD = 8
export const NI_DGRAM = 16

export const EAI_BADFLAGS = -1
export const EAI_NONAME = -2
export const EAI_AGAIN = -3
export const EAI_FAIL = -4
export const EAI_NODATA = -5
export const EAI_FAMILY = -6
export const EAI_SOCKTYPE = -7
export const EAI_SERVICE = -8
export const EAI_ADDRFAMILY = -9

/**
 * Whether IPv6 is supported by the platform: always true with Node, even if this host has no IPv6 network.
 *
 * @example
 * const family = hasIpv6 ? AF_INET6 : AF_INET
 */
export const hasIpv6 = true

export const INADDR_ANY = 0
export const INADDR_LOOPBACK = 0x7f000001
export const INADDR_BROADCAST = 0xffffffff

export const SOMAXCONN = 4096
