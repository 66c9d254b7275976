import type { Coroutine, Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { type AddressFamily, checkFamily, checkProtocol, checkType } from '../address/family.ts'
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { MemoryTransport } from '../stream/memory-transport.ts'
import { Socket, socketOn } from './socket.ts'
import { StreamDescription } from './stream-description.ts'

/**
 * Returns two connected sockets within this process (Python: socket.socketpair). Bytes pass between them in memory, with the
 * semantics of a kernel socket: bounded buffers, ordering, half-close and resets. They do not keep the program alive, and a wait
 * that only the other end could finish counts as blocked for deadlock detection.
 *
 * @param family AF_UNIX (default)
 * @param type SOCK_STREAM (default), plus SOCK_NONBLOCK for non-blocking sockets
 * @param proto 0 (default)
 * @returns both ends, without blocking
 * @throws {OSError} EOPNOTSUPP for any other family, EPROTONOSUPPORT for datagram sockets
 * @example
 * const [left, right] = socketpair()
 * yield* left.sendall('ping')
 * String(yield* right.recv(1024)) // 'ping'
 */
export function socketpair(family: number = AF_UNIX, type: number = SOCK_STREAM, proto = 0): [Socket, Socket] {
  if (checkFamily(family) !== AF_UNIX) throw osError('EOPNOTSUPP')
  if (checkType(type) === SOCK_DGRAM) {
    throw osError('EPROTONOSUPPORT', 'Protocol not supported: Node has no pairs of datagram sockets')
  }
  if (proto !== 0) checkProtocol(AF_UNIX, SOCK_STREAM, proto)
  const [first, second] = MemoryTransport.pair()
  const isBlocking = (type & SOCK_NONBLOCK) === 0
  return [inMemory(first, isBlocking), inMemory(second, isBlocking)]
}

function inMemory(transport: MemoryTransport, isBlocking: boolean): Socket {
  const description = new StreamDescription(AF_UNIX)
  description.peerAddress = ''
  description.adopt(transport)
  const socket = socketOn(description)
  if (!isBlocking) socket.setblocking(false)
  return socket
}

/**
 * Like `socketpair`, but connects the sockets through the kernel and its buffers. An open end keeps the program alive. If the
 * call is killed, nothing is left open.
 *
 * @param family AF_UNIX (default), AF_INET or AF_INET6
 * @example
 * const [left, right] = yield* kernelSocketpair()
 */
export function kernelSocketpair(family: number = AF_UNIX): Operation<[Socket, Socket]> {
  return new Call(connectPair, [checkFamily(family)])
}

function* connectPair(family: AddressFamily): Coroutine<[Socket, Socket]> {
  const listener = new Socket(family, SOCK_STREAM)
  const first = new Socket(family, SOCK_STREAM)
  try {
    yield* listener.bind(family === AF_UNIX ? '' : [family === AF_INET ? '127.0.0.1' : '::1', 0])
    yield* listener.listen(1)
    yield* first.connect(listener.getsockname())
    for (;;) {
      const [second] = yield* listener.accept()
      // Another process may connect to the port first: accept only our own connection (CVE-2024-3219).
      if (String(second.getpeername()) === String(first.getsockname())) return [first, second]
      second.close()
    }
  } catch (error) {
    first.close()
    throw error
  } finally {
    listener.close()
  }
}
