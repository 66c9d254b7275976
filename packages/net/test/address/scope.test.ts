import os from 'node:os'
import { spawn } from '@greenlit/core'
import {
  AF_INET6,
  createConnection,
  getaddrinfo,
  getnameinfo,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_IF,
  ifIndextoname,
  ifNameindex,
  ifNametoindex,
  inetPton,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
} from '@greenlit/net'
import { expect, test, vi } from 'vitest'
import { unpackOption } from '../../src/socket/packed-option.ts'
import { guardLeaks } from '../guard.ts'
import { hasIPv6, run } from '../pair.ts'

guardLeaks()

test('an interface is a zone in a host and a scope id in an address', () =>
  run(function* () {
    const link = { address: 'fe80::1', family: 'IPv6', scopeid: 7 } as os.NetworkInterfaceInfo
    const interfaces = vi.spyOn(os, 'networkInterfaces').mockReturnValue({ eth7: [link] })
    try {
      for (const zone of ['eth7', '7']) {
        const [found] = yield* getaddrinfo(`fe80::1%${zone}`, 80, AF_INET6, SOCK_STREAM)
        expect(found![4]).toEqual(['fe80::1', 80, 0, 7])
      }
      const numeric = NI_NUMERICHOST | NI_NUMERICSERV
      expect(yield* getnameinfo(['fe80::1', 80, 0, 7], numeric)).toEqual(['fe80::1%eth7', '80'])
      expect(yield* getnameinfo(['fe80::1', 80, 0, 8], numeric)).toEqual(['fe80::1%8', '80'])
    } finally {
      interfaces.mockRestore()
    }
  }))

test.runIf(process.platform === 'linux')('interfaces have a name and an index, even without a link-local address', () =>
  run(function* () {
    expect(ifNameindex()).toContainEqual([1, 'lo'])
    expect(ifNametoindex('lo')).toBe(1)
    expect(ifIndextoname(1)).toBe('lo')
    expect(() => ifNametoindex('no-such')).toThrow(expect.objectContaining({ strerror: 'no interface with this name' }))
    expect(() => ifIndextoname(0)).toThrow(expect.objectContaining({ code: 'ENXIO', errno: 6 }))
    expect(() => ifIndextoname(-1)).toThrow(RangeError)
    expect(() => ifIndextoname('lo' as never)).toThrow(TypeError)
    expect(() => ifNametoindex(1 as never)).toThrow(TypeError)
    const [found] = yield* getaddrinfo('ff02::1%lo', 80, AF_INET6, SOCK_DGRAM)
    expect(found![4]).toEqual(['ff02::1', 80, 0, 1])
    const numeric = NI_NUMERICHOST | NI_NUMERICSERV
    expect(yield* getnameinfo(['ff02::1', 80, 0, 1], numeric)).toEqual(['ff02::1%lo', '80'])
  }),
)

test('a listener on a scoped address can be reached through its zone', () =>
  run(function* () {
    const own = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
    const links = own.filter(({ scopeid }) => scopeid).map(({ address, scopeid }) => [address, scopeid] as const)
    for (const [host, scope = 0] of [...(hasIPv6 ? [['::1', 1] as const] : []), ...links]) {
      const server = socket(AF_INET6)
      yield* server.bind([host, 0, 0, scope])
      yield* server.listen()
      const accepting = spawn(() => server.accept())
      const client = yield* createConnection(server.getsockname())
      const [accepted, address] = yield* accepting
      expect(client.getpeername()).toEqual(server.getsockname())
      expect(address).toEqual(client.getsockname())
      const receiver = socket(AF_INET6, SOCK_DGRAM)
      yield* receiver.bind([host, 0, 0, scope])
      const sender = socket(AF_INET6, SOCK_DGRAM)
      yield* sender.connect(receiver.getsockname())
      expect(sender.getpeername()).toEqual(receiver.getsockname())
      yield* sender.send('x')
      expect(yield* receiver.recvfrom(1)).toEqual([Buffer.from('x'), sender.getsockname()])
      for (const each of [server, client, accepted, receiver, sender]) each.close()
    }
    if (!hasIPv6) return
    using server = socket(AF_INET6)
    yield* server.bind(['0:0::0:1', 0])
    yield* server.listen()
    expect(server.getsockname()[0]).toBe('::1')
  }))

test('an IPv6 group is joined on an interface by its index, also given as a packed C struct', () =>
  run(function* () {
    const packed = (scope: number) =>
      Buffer.concat([inetPton(AF_INET6, 'ff02::1234'), new Uint8Array(new Int32Array([scope]).buffer)])
    expect(unpackOption(IPPROTO_IPV6, IPV6_JOIN_GROUP, packed(7))).toEqual(['ff02::1234', 7])
    const own = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
    for (const { scopeid } of own.filter(({ scopeid }) => scopeid)) {
      const member = socket(AF_INET6, SOCK_DGRAM)
      yield* member.bind(['::', 0])
      member.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, packed(scopeid!))
      const sender = socket(AF_INET6, SOCK_DGRAM)
      sender.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_IF, scopeid!)
      yield* sender.sendto('x', ['ff02::1234', member.getsockname()[1]])
      expect(String(yield* member.recv(1, { timeout: 10_000 }))).toBe('x')
      member.setsockopt(IPPROTO_IPV6, IPV6_LEAVE_GROUP, ['ff02::1234', scopeid!])
      member.close()
      sender.close()
    }
  }))
