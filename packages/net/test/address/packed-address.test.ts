import { AF_INET, AF_INET6, AF_UNIX, inetAton, inetNtoa, inetNtop, inetPton, OSError } from '@greenlit/net'
import { expect, test } from 'vitest'

test.each([
  [AF_INET, '127.0.0.1', '7f000001'],
  [AF_INET, '255.255.255.255', 'ffffffff'],
  [AF_INET6, '::', '00000000000000000000000000000000'],
  [AF_INET6, '::1', '00000000000000000000000000000001'],
  [AF_INET6, '2001:db8::a0:0:1', '20010db800000000000000a000000001'],
  [AF_INET6, '10:0:0:1::2', '00100000000000010000000000000002'],
  [AF_INET6, '1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  [AF_INET6, '1::', '00010000000000000000000000000000'],
  [AF_INET6, '::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  [AF_INET6, '::1.2.3.4', '00000000000000000000000001020304'],
])('%i %s is the bytes %s, and back', (family, address, hex) => {
  expect(inetPton(family, address).toString('hex')).toBe(hex)
  expect(inetNtop(family, Buffer.from(hex, 'hex'))).toBe(address)
})

test('a long spelling of an address is compressed', () => {
  expect(inetNtop(AF_INET6, inetPton(AF_INET6, '2001:0DB8:0:0:1:0:0:1'))).toBe('2001:db8::1:0:0:1')
  expect(inetNtop(AF_INET6, inetPton(AF_INET6, '1:0:2:3:4:5:6:7'))).toBe('1:0:2:3:4:5:6:7')
})

test('malformed addresses are rejected', () => {
  for (const bad of ['', '1.2.3', '256.1.1.1', '::1', '1.2.3.4 ']) {
    expect(() => inetPton(AF_INET, bad)).toThrow('illegal IP address string')
  }
  for (const bad of ['', '1.2.3.4', ':::', '1::2::3', 'fe80::1%lo'])
    expect(() => inetPton(AF_INET6, bad)).toThrow(OSError)
  expect(() => inetPton(AF_UNIX, '/path')).toThrow(OSError)
  expect(() => inetPton(AF_INET, 5 as never)).toThrow(TypeError)
  expect(() => inetNtop(AF_INET, Buffer.alloc(5))).toThrow(RangeError)
  expect(() => inetNtop(AF_INET, '127.0.0.1' as never)).toThrow(TypeError)
  expect(() => inetNtop(AF_INET6, Buffer.alloc(4))).toThrow('16 bytes')
  expect(() => inetNtoa(Buffer.alloc(5))).toThrow(OSError)
})

test('inetAton accepts short forms', () => {
  expect(inetAton('127.1').toString('hex')).toBe('7f000001')
  expect(inetAton('0x7f.0.0.1').toString('hex')).toBe('7f000001')
  expect(inetAton('16909060').toString('hex')).toBe('01020304')
  expect(inetAton('01.02.03.010').toString('hex')).toBe('01020308')
  expect(inetNtoa(inetAton('10.20.30.40'))).toBe('10.20.30.40')
  for (const bad of ['', '1.2.3.4.5', '1.256.1.1', 'a', '-1', ' 1.2.3.4', '1..2', '08'])
    expect(() => inetAton(bad)).toThrow(OSError)
})
