import type { Address } from '../address/address.ts'
import { codeOf } from '../errors/errno.ts'
import { fromNode, osError } from '../errors/make.ts'
import type { ChannelEvents, DatagramChannel, Done } from './channel.ts'
import { type UnixDatagramSocket, unixDatagramProvider } from './unix-provider.ts'

/** Unix datagrams through a provider. */
export class UnixChannel implements DatagramChannel {
  localName: Address | undefined
  private readonly socket: UnixDatagramSocket
  /** The callbacks of the binds and connects in progress, in order. */
  private readonly pending: Done[] = []

  constructor(events: ChannelEvents) {
    this.socket = unixDatagramProvider().createSocket('unix_dgram', (message, info) => {
      events.received(message, info.path ?? '')
    })
    this.socket.on('listening', () => this.settle())
    this.socket.on('connect', () => this.settle())
    this.socket.on('error', (error) => {
      const failure = fromProvider(error)
      if (this.pending.length === 0) events.failed(failure)
      else this.settle(failure)
    })
  }

  private settle(error?: Error): void {
    this.pending.shift()?.(error)
  }

  bind(address: Address, done: Done): void {
    this.pending.push((error) => {
      if (!error) this.localName = address
      done(error)
    })
    this.socket.bind(address as string)
  }

  connect(address: Address, done: Done): void {
    this.pending.push(done)
    this.socket.connect(address as string)
  }

  send(data: Buffer, address: Address | undefined, done: Done): void {
    const sent = (error?: Error | null) => done(error ? fromProvider(error) : undefined)
    if (address === undefined) this.socket.send(data, sent)
    else this.socket.send(data, 0, data.length, address as string, sent)
  }

  close(): void {
    this.socket.close()
  }
}

/** Translates a provider's error. The `code` of `unix-dgram` is a negated errno, or 1 if the receiver's queue is full. */
function fromProvider(error: Error): Error {
  const { code } = error as { code?: unknown }
  if (typeof code !== 'number') return fromNode(error)
  if (code === 1) return osError('EAGAIN', undefined, error)
  const name = codeOf(-code)
  return name === undefined ? error : osError(name, undefined, error)
}
