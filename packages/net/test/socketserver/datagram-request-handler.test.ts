import { sleep } from '@greenlit/core'
import { AF_INET, DatagramRequestHandler, SOCK_DGRAM, socket, UDPServer } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { run } from '../pair.ts'
import { exchangeDatagram, served } from './serving.ts'

guardLeaks()

test('answers with one datagram of all that was written', () =>
  run(function* () {
    class Twice extends DatagramRequestHandler {
      override *handle() {
        const line = yield* this.rfile.readline()
        yield* this.wfile.write(line)
        yield* this.wfile.write(line.toString().toUpperCase())
        expect(String(this.packet)).toBe('ab\nrest')
        expect(this.socket.type).toBe(SOCK_DGRAM)
      }
    }
    yield* served(new UDPServer(['127.0.0.1', 0], Twice), function* (address) {
      expect(yield* exchangeDatagram(address, 'ab\nrest')).toBe('ab\nAB\n')
    })
  }))

test('answers with an empty datagram when nothing was written', () =>
  run(function* () {
    yield* served(new UDPServer(['127.0.0.1', 0], DatagramRequestHandler), function* (address) {
      expect(yield* exchangeDatagram(address, 'anything')).toBe('')
    })
  }))

test('sees only maxPacketSize bytes of a datagram', () =>
  run(function* () {
    class Echo extends DatagramRequestHandler {
      override *handle() {
        yield* this.wfile.write(yield* this.rfile.read())
      }
    }
    class Short extends UDPServer {
      override maxPacketSize = 4
    }
    yield* served(new Short(['127.0.0.1', 0], Echo), function* (address) {
      expect(yield* exchangeDatagram(address, 'abcdefgh')).toBe('abcd')
      expect(yield* exchangeDatagram(address, 'next')).toBe('next')
    })
  }))

test('answers nobody it cannot reach with an error that the server survives', () =>
  run(function* () {
    const errors: unknown[] = []
    class Echo extends DatagramRequestHandler {
      override *handle() {
        yield* this.wfile.write(Buffer.alloc(70_000))
      }
    }
    class Server extends UDPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push((error as { code: string }).code)
      }
    }
    yield* served(new Server(['127.0.0.1', 0], Echo), function* (address) {
      using client = socket(AF_INET, SOCK_DGRAM)
      yield* client.sendto('x', address)
      yield* client.sendto('y', address)
      while (errors.length < 2) yield* sleep(1)
    })
    expect(errors).toEqual(['EMSGSIZE', 'EMSGSIZE'])
  }))
