import type { Address } from '../address/address.ts'

/** A received datagram and its sender's address. */
export type Datagram = [data: Buffer, from: Address]

/** The size of a datagram socket's receive queue. */
export interface ReceiveLimits {
  /** The maximum number of datagrams, at least 1. Default 1024. */
  datagrams?: number | undefined
  /** The maximum number of bytes in total, at least 1. Default 4 MiB. */
  bytes?: number | undefined
}

/**
 * Received datagrams that have not been read yet. Node cannot be told to stop receiving, so datagrams that do not fit are dropped and
 * counted, as the kernel would.
 */
export class DatagramQueue {
  /** How many datagrams were dropped. */
  dropped = 0
  private maxDatagrams = 1024
  private maxBytes = 4 * 1024 * 1024
  private bytes = 0
  private waiting: Datagram[] = []
  private at = 0

  get length(): number {
    return this.waiting.length - this.at
  }

  setLimits(datagrams: number, bytes: number): void {
    this.maxDatagrams = datagrams
    this.maxBytes = bytes
  }

  /** Adds a datagram; drops it and returns false if there is no room. */
  push(datagram: Datagram): boolean {
    if (this.length >= this.maxDatagrams || this.bytes + datagram[0].length > this.maxBytes) {
      this.dropped += 1
      return false
    }
    this.waiting.push(datagram)
    this.bytes += datagram[0].length
    return true
  }

  peek(): Datagram | undefined {
    return this.waiting[this.at]
  }

  /** Removes and returns the first datagram; the queue must not be empty. */
  shift(): Datagram {
    const first = this.waiting[this.at]!
    this.at += 1
    this.bytes -= first[0].length
    if (this.at === this.waiting.length || this.at > 1024) {
      this.waiting = this.waiting.slice(this.at)
      this.at = 0
    }
    return first
  }

  /** Puts a datagram back at the front. */
  unshift(datagram: Datagram): void {
    if (this.at > 0) this.waiting[--this.at] = datagram
    else this.waiting.unshift(datagram)
    this.bytes += datagram[0].length
  }
}
