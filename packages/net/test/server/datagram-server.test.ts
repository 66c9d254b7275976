import { getHub, sleep } from '@greenlit/core'
import {
  type Address,
  AF_INET,
  DatagramServer,
  type InetAddress,
  type OSError,
  SOCK_DGRAM,
  socket,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'
import { exchangeDatagram } from '../socketserver/serving.ts'

guardLeaks()

const LOOPBACK: InetAddress = ['127.0.0.1', 0]

test('answers datagrams from its own address', () =>
  run(function* () {
    const server = new DatagramServer(LOOPBACK, function* (data: Buffer, address: Address) {
      expect(yield* server.sendto(`got ${data}`, address)).toBe(4 + data.length)
    })
    yield* server.start()
    for (const word of ['one', 'two']) expect(yield* exchangeDatagram(server.address, word)).toBe(`got ${word}`)
    yield* server.stop()
    expect(server.closed).toBe(true)
    expect((yield* failure<OSError>(server.sendto('x', ['127.0.0.1', 9]))).code).toBe('EBADF')
  }))

test('truncates datagrams to 8192 bytes, and survives an error in a handler', () =>
  run(function* () {
    const sizes: number[] = []
    getHub().exceptionStream = undefined
    const server = new DatagramServer(LOOPBACK, (data) => {
      sizes.push(data.length)
      throw new Error('the handler fails')
    })
    yield* server.start()
    using client = socket(AF_INET, SOCK_DGRAM)
    yield* client.sendto(Buffer.alloc(10_000), server.address)
    yield* client.sendto('', server.address)
    while (sizes.length < 2) yield* sleep(1)
    expect(sizes).toEqual([8192, 0])
    yield* server.stop()
  }))

test('accepts a socket and a pool', () =>
  run(function* () {
    const own = socket(AF_INET, SOCK_DGRAM)
    yield* own.bind(LOOPBACK)
    let running = 0
    const server = new DatagramServer(
      own,
      function* () {
        running += 1
        yield* sleep(10_000)
      },
      { spawn: 2 },
    )
    yield* server.start()
    using client = socket(AF_INET, SOCK_DGRAM)
    for (let count = 0; count < 4; count += 1) yield* client.sendto('x', server.address)
    while (running < 2) yield* sleep(1)
    yield* loopTurns()
    expect(running).toBe(2)
    yield* server.stop({ timeout: 0 })
    expect(own.closed).toBe(true)
  }))

test('refuses bad arguments immediately', () => {
  expect(() => new DatagramServer(LOOPBACK)).toThrow(TypeError)
  expect(() => new DatagramServer(['127.0.0.1', -1], () => {})).toThrow(RangeError)
})

test('refuses to start on a stream socket', () =>
  run(function* () {
    using own = socket()
    const server = new DatagramServer(own, () => {})
    expect(yield* failure(server.start())).toMatchObject({ code: 'EOPNOTSUPP' })
    expect(server.started).toBe(false)
  }))
