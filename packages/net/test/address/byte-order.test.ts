import { htonl, htons, ntohl, ntohs } from '@greenlit/net'
import { expect, test } from 'vitest'

test('numbers are converted to network byte order and back', () => {
  for (const value of [0, 1, 80, 0x1234, 0xffff]) expect(ntohs(htons(value))).toBe(value)
  for (const value of [0, 1, 0x12345678, 0xffffffff]) expect(ntohl(htonl(value))).toBe(value)
  const network = Buffer.from(new Uint16Array([htons(0x1234)]).buffer)
  expect(network.toString('hex')).toBe('1234')
  expect(Buffer.from(new Uint32Array([htonl(0x12345678)]).buffer).toString('hex')).toBe('12345678')
})

test('numbers that do not fit are rejected', () => {
  expect(() => htons(0x10000)).toThrow('htons(): expected a number from 0 to 65535, got 65536')
  expect(() => ntohl(-1)).toThrow('ntohl(): expected a number from 0 to 4294967295, got -1')
  expect(() => htonl(1.5)).toThrow(TypeError)
  expect(() => ntohs('80' as never)).toThrow('ntohs()')
})
