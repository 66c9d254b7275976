import { AF_INET, AF_INET6, AF_UNIX, OSError } from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import {
  type Address,
  checkAddress,
  formatAddress,
  numericHost,
  showAddress,
  unboundAddress,
} from '../../src/address/address.ts'
import type { AddressFamily } from '../../src/address/family.ts'

describe('an address', () => {
  test.each<[AddressFamily, Address]>([
    [AF_INET, ['', 0]],
    [AF_INET, ['127.0.0.1', 65_535]],
    [AF_INET6, ['::1', 80]],
    [AF_INET6, ['::1', 80, 0]],
    [AF_INET6, ['::1', 80, 0xfffff, 0xffffffff]],
    [AF_UNIX, ''],
    [AF_UNIX, 'x'.repeat(107)],
    [AF_UNIX, `\0${'x'.repeat(107)}`],
    [AF_UNIX, '\0a\0b'],
  ])('of family %i may be %j', (family, address) => {
    expect(checkAddress(family, address, 'bind')).toBe(address)
  })

  test.each<[AddressFamily, unknown, string]>([
    [AF_INET, 'host:80', 'bind(): AF_INET address must be [host, port], got "host:80"'],
    [AF_INET, ['h'], 'bind(): AF_INET address must be [host, port], got an object of Array'],
    [AF_INET, ['h', 80, 0], 'bind(): AF_INET address must be [host, port], got an object of Array'],
    [AF_INET6, ['h', 80, 0, 0, 0], 'bind(): AF_INET6 address must be [host, port], got an object of Array'],
    [AF_INET, [undefined, 80], 'bind(): expected the host of an AF_INET address to be a string, got undefined'],
    [AF_INET, ['h', '80'], 'bind(): expected the port to be a whole number, got "80"'],
    [AF_INET, ['h', 1.5], 'bind(): expected the port to be a whole number, got 1.5'],
    [AF_UNIX, ['h', 80], 'bind(): AF_UNIX address must be a path as a string, got an object of Array'],
  ])('of family %i cannot have the shape %j', (family, address, message) => {
    expect(() => checkAddress(family, address, 'bind')).toThrow(new TypeError(message))
  })

  test.each<[AddressFamily, unknown, string]>([
    [AF_INET, ['h', -1], 'bind(): port must be 0-65535, got -1'],
    [AF_INET, ['h', 65_536], 'bind(): port must be 0-65535, got 65536'],
    [AF_INET6, ['h', 80, -1], 'bind(): expected the flow information to be a whole number from 0 to 1048575, got -1'],
    [
      AF_INET6,
      ['h', 80, 0x100000],
      'bind(): expected the flow information to be a whole number from 0 to 1048575, got 1048576',
    ],
    [AF_INET6, ['h', 80, 0, 0.5], 'bind(): expected the scope to be a whole number from 0 to 4294967295, got 0.5'],
    [
      AF_INET6,
      ['h', 80, 0, 2 ** 32],
      'bind(): expected the scope to be a whole number from 0 to 4294967295, got 4294967296',
    ],
    [AF_UNIX, 'a\0b', 'bind(): embedded null character in AF_UNIX path'],
  ])('of family %i cannot have the value %j', (family, address, message) => {
    expect(() => checkAddress(family, address, 'bind')).toThrow(new RangeError(message))
  })

  test('may be a path in bytes, if they are UTF-8', () => {
    expect(checkAddress(AF_UNIX, Buffer.from('\0na\u00efve'), 'bind')).toBe('\0na\u00efve')
    expect(() => checkAddress(AF_UNIX, Uint8Array.of(0x61, 0xff), 'bind')).toThrow(RangeError)
    expect(() => checkAddress(AF_INET, Buffer.from('127.0.0.1'), 'bind')).toThrow(TypeError)
  })

  test.each(['x'.repeat(108), `\0${'x'.repeat(108)}`, '\u00e9'.repeat(54)])(
    'cannot be the path %j: it is too long in bytes',
    (path) => {
      expect(() => checkAddress(AF_UNIX, path, 'bind')).toThrow(OSError)
      expect(() => checkAddress(AF_UNIX, path, 'bind')).toThrow('AF_UNIX path too long')
    },
  )
})

describe('a host', () => {
  test.each<[AddressFamily, string, string | undefined]>([
    [AF_INET, '', '0.0.0.0'],
    [AF_INET6, '', '::'],
    [AF_INET, '<broadcast>', '255.255.255.255'],
    [AF_INET, '10.0.0.1', '10.0.0.1'],
    [AF_INET6, 'fe80::1%eth0', 'fe80::1%eth0'],
    [AF_INET, 'localhost', undefined],
    [AF_INET, '10.0.0', undefined],
  ])('of family %i, %j, stands for %j', (family, host, numeric) => {
    expect(numericHost(family, host)).toBe(numeric)
  })
})

test('addresses are formatted as in Python, and as text in the form that listeners take', () => {
  expect(formatAddress(AF_INET, '127.0.0.1', 80)).toEqual(['127.0.0.1', 80])
  expect(formatAddress(AF_INET6, '::1', 80)).toEqual(['::1', 80, 0, 0])
  expect(formatAddress(AF_INET6, 'fe80::1%7', 80)).toEqual(['fe80::1', 80, 0, 7])
  expect(formatAddress(AF_INET6, 'fe80::1%none', 80)).toEqual(['fe80::1%none', 80, 0, 0])
  expect(showAddress(['127.0.0.1', 80])).toBe('127.0.0.1:80')
  expect(showAddress(['::1', 80, 0, 0])).toBe('[::1]:80')
  expect(showAddress('/run/x')).toBe('/run/x')
  expect(showAddress('\0x')).toBe('@x')
  expect(unboundAddress(AF_INET)).toEqual(['0.0.0.0', 0])
  expect(unboundAddress(AF_INET6)).toEqual(['::', 0, 0, 0])
  expect(unboundAddress(AF_UNIX)).toBe('')
})
