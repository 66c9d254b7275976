import type { Coroutine, Operation } from '@greenlit/core'
import {
  type Address,
  AF_INET6,
  AF_UNIX,
  type BinaryFile,
  createConnection,
  createDefaultContext,
  createServer,
  DefaultSelector,
  EVENT_READ,
  type InetAddress,
  type InetSocket,
  type InetSSLSocket,
  poll,
  type SelectorKey,
  SOCK_DGRAM,
  type Socket,
  type SSLSocket,
  select,
  socket,
  socketpair,
  type TextFile,
  wrapSocket,
} from '@greenlit/net'
import { expectTypeOf, test } from 'vitest'

test('the types of calls are inferred without annotations', () => {
  const one = socket()
  expectTypeOf(one).toEqualTypeOf<InetSocket>()
  expectTypeOf(one.accept()).toEqualTypeOf<Operation<[InetSocket, InetAddress]>>()
  expectTypeOf(one.recv(1)).toEqualTypeOf<Operation<Buffer>>()
  expectTypeOf(one.sendall('x')).toEqualTypeOf<Operation<undefined>>()
  expectTypeOf(one.recvfrom(1)).toEqualTypeOf<Operation<[data: Buffer, address: InetAddress]>>()
  expectTypeOf(createConnection(['h', 1])).toEqualTypeOf<Operation<InetSocket>>()
  expectTypeOf(socketpair()).toEqualTypeOf<[Socket, Socket]>()
  expectTypeOf(wrapSocket(one)).toEqualTypeOf<Operation<InetSSLSocket>>()
  expectTypeOf(createDefaultContext().wrapSocket(socket(AF_UNIX))).toEqualTypeOf<Operation<SSLSocket>>()
  expectTypeOf(poll().poll()).toEqualTypeOf<Operation<[fd: number, event: number][]>>()
  // @ts-expect-error an address is a pair or a path
  one.connect(80)
  // @ts-expect-error a size is a number
  one.recv('1')
})

test('an address is [host, port] for internet families, and may be a path for others', () => {
  expectTypeOf(createServer(['127.0.0.1', 0])).toEqualTypeOf<Operation<InetSocket>>()
  expectTypeOf(createServer('/path', { family: AF_UNIX })).toEqualTypeOf<Operation<Socket>>()
  expectTypeOf(socket(AF_INET6, SOCK_DGRAM).getsockname()).toEqualTypeOf<InetAddress>()
  expectTypeOf(socket(AF_UNIX)).toEqualTypeOf<Socket>()
  expectTypeOf(socket(AF_UNIX).accept()).toEqualTypeOf<Operation<[Socket, Address]>>()
  expectTypeOf<InetSocket>().toExtend<Socket>()
  // A variable that holds a plain socket takes the one that wraps it.
  expectTypeOf<InetSSLSocket>().toExtend<InetSocket>()
  expectTypeOf<InetSSLSocket>().toExtend<SSLSocket>()
  createConnection(socket().getpeername())
  expectTypeOf(createConnection(socket(AF_UNIX).getpeername())).toEqualTypeOf<Operation<Socket>>()
  // @ts-expect-error a port alone is not an address
  createConnection(80)
})

test('the mode of a file determines whether it returns text or bytes', () => {
  const one = socket()
  expectTypeOf(one.makefile('rb')).toEqualTypeOf<BinaryFile>()
  expectTypeOf(one.makefile('rw')).toEqualTypeOf<TextFile>()
  expectTypeOf(one.makefile()).toEqualTypeOf<TextFile>()
  expectTypeOf(one.makefile('rb').readline()).toEqualTypeOf<Operation<Buffer>>()
  expectTypeOf(one.makefile('r').readline()).toEqualTypeOf<Operation<string>>()
})

test('select returns objects of the types it was given', () => {
  const streams = [process.stdin]
  expectTypeOf(select([socket()], streams, [])).toEqualTypeOf<
    Operation<[InetSocket[], (typeof process.stdin)[], never[]]>
  >()
  // @ts-expect-error a string is not a file object
  select(['x'], [], [])
})

test('the data of a selector keeps its type, and may be omitted only if it can be undefined', () => {
  const typed = new DefaultSelector<() => Coroutine<void>>()
  expectTypeOf(typed.getKey(socket())).toEqualTypeOf<SelectorKey<() => Coroutine<void>>>()
  // @ts-expect-error the data is missing
  typed.register(socket(), EVENT_READ)
  const untyped = new DefaultSelector()
  untyped.register(socket(), EVENT_READ)
  expectTypeOf(untyped.select()).toEqualTypeOf<Operation<[key: SelectorKey, events: number][]>>()
})
