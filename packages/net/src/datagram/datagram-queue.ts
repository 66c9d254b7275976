import type { Address } from '../address/address.ts'

/** A received datagram and who sent it. */
export type Datagram = [data: Buffer, from: Address]

/** How much may wait to be received. */
export interface ReceiveLimits {
  /** How many datagrams, from 1 up. Default 1024. */
  datagrams?: number
  /** How many bytes in all, from 1 up. Default 4 MiB. */
  bytes?: number
}

/** Received datagrams. Node cannot be told to stop receiving, so what does not fit is dropped and counted, as the kernel would. */
export class DatagramQueue {
  /** How many datagrams were dropped. */
  dropped = 0
  private mostDatagrams = 1024
  private mostBytes = 4 * 1024 * 1024
  private bytes = 0
  private waiting: Datagram[] = []
  private at = 0

  get length(): number {
    return this.waiting.length - this.at
  }

  setLimits(datagrams: number, bytes: number): void {
    this.mostDatagrams = datagrams
    this.mostBytes = bytes
  }

  /** Takes a datagram in, unless there is no room. */
  push(datagram: Datagram): boolean {
    if (this.length >= this.mostDatagrams || this.bytes + datagram[0].length > this.mostBytes) {
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

  /** Takes the first one out; there must be one. */
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

  /** Puts a datagram back in front. */
  unshift(datagram: Datagram): void {
    if (this.at > 0) this.waiting[--this.at] = datagram
    else this.waiting.unshift(datagram)
    this.bytes += datagram[0].length
  }
}
