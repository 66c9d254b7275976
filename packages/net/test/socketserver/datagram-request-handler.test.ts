import { sleep, spawn } from '@greenlit/core'
import {
  AF_INET,
  type DatagramRequest,
  DatagramRequestHandler,
  type OSError,
  SOCK_DGRAM,
  socket,
  UDPServer,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'
import { exchangeDatagram, served } from './serving.ts'

guardLeaks()

test('replies with a single datagram of everything written', () =>
  run(function* () {
    const seen: unknown[] = []
    class Twice extends DatagramRequestHandler {
      override *handle() {
        const line = yield* this.rfile.readline()
        yield* this.wfile.write(line)
        yield* this.wfile.write(line.toString().toUpperCase())
        seen.push(String(this.packet), this.socket, this.server)
      }
    }
    yield* served(new UDPServer(['127.0.0.1', 0], Twice), function* (address, server) {
      expect(yield* exchangeDatagram(address, 'ab\nrest')).toBe('ab\nAB\n')
      expect(seen).toEqual(['ab\nrest', server.socket, server])
    })
  }))

test('replies with an empty datagram if nothing was written', () =>
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

test('survives a reply to a client that cannot be reached', () =>
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

test('replies with what was written even after an error in the handler', () =>
  run(function* () {
    const errors: unknown[] = []
    class Half extends DatagramRequestHandler {
      override *handle() {
        yield* this.wfile.write('as far as it went')
        throw new Error('no further')
      }
    }
    class Server extends UDPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push((error as Error).message)
      }
    }
    yield* served(new Server(['127.0.0.1', 0], Half), function* (address) {
      expect(yield* exchangeDatagram(address, 'x')).toBe('as far as it went')
    })
    expect(errors).toEqual(['no further'])
  }))

test('binds only when told to, and then processes a datagram in the same order as Python', () =>
  run(function* () {
    const log: string[] = []
    class Silent extends DatagramRequestHandler {
      override handle() {
        log.push('handle')
      }
    }
    class Server extends UDPServer {
      override serverBind() {
        log.push('bind')
        return super.serverBind()
      }
      override serverActivate() {
        log.push('activate')
        return super.serverActivate()
      }
      override verifyRequest() {
        log.push('verify')
        return true
      }
      override shutdownRequest(request: DatagramRequest) {
        log.push('shutdown_request')
        return super.shutdownRequest(request)
      }
      override closeRequest(request: DatagramRequest) {
        log.push('close_request')
        return super.closeRequest(request)
      }
    }
    using server = new Server(['127.0.0.1', 0], Silent, { bindAndActivate: false })
    expect((yield* failure<OSError>(server.handleRequest())).code).toBe('EINVAL')
    yield* server.serverBind()
    const answer = spawn(exchangeDatagram, server.serverAddress, 'x')
    yield* server.handleRequest()
    expect(yield* answer).toBe('')
    yield* server.activate()
    expect(log.join(' ')).toBe('bind verify handle shutdown_request close_request')
  }))
