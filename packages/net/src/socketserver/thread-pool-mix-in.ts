import type { Coroutine, Operation } from '@greenlit/core'
import { Call, checkWhole } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from '../server/overridable.ts'
import { Capacity } from './capacity.ts'
import { type AnyServer, type Mixed, type ServerClass, serverClass } from './mix-in.ts'
import { type Threading, ThreadingMixIn } from './threading-mix-in.ts'

/** What `ThreadPoolMixIn` adds to a server. */
export interface ThreadPooling extends Threading {
  /** The maximum number of concurrent requests, from 1 up; further ones wait to be accepted. Default 32. */
  maxWorkers: number
}

/**
 * Like `ThreadingMixIn`, but limits the number of requests served concurrently. While all workers are busy the server accepts
 * nothing; `shutdown` does not wait for them.
 *
 * @param Base the server class
 * @returns a class to use or extend
 * @throws {TypeError} if `Base` is not a server class; serving throws {RangeError} for `maxWorkers` below 1
 * @example
 * class PoolServer extends ThreadPoolMixIn(TCPServer) {
 *   override maxWorkers = 10
 * }
 */
export function ThreadPoolMixIn<C extends ServerClass>(Base: C): Mixed<C, ThreadPooling> {
  type ThreadingClass = new (...args: unknown[]) => AnyServer & Threading
  class PoolServer extends (ThreadingMixIn(serverClass(Base)) as unknown as ThreadingClass) implements ThreadPooling {
    maxWorkers: number = 32
    private readonly requestCapacity = new Capacity()

    private get isFull(): boolean {
      return this.runningThreads >= checkWhole(this.maxWorkers, 'maxWorkers', 1)
    }

    override *waitForCapacity(): Coroutine<void> {
      yield* this.requestCapacity.waitWhile(() => this.isFull && !this.isStopping)
    }

    override threadEnded(): void {
      this.requestCapacity.changed()
      super.threadEnded()
    }

    override shutdown(): Operation<void> {
      const stopping = super.shutdown()
      this.requestCapacity.changed()
      return stopping
    }

    override processRequest(request: unknown, clientAddress: Address): Operation<void> | Coroutine<void> {
      return new Call<[], void>(() => this.startWithCapacity(super.processRequest(request, clientAddress)), [])
    }

    private *startWithCapacity(processing: Overridable<void>): Coroutine<void> {
      yield* this.requestCapacity.waitWhile(() => this.isFull)
      yield* settle(processing)
    }
  }
  return PoolServer as unknown as Mixed<C, ThreadPooling>
}
