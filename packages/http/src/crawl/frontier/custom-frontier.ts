import type { Coroutine, Operation } from '@greenlit/core'
import { drive } from '@greenlit/core/engine'
import type { Frontier } from './frontier.ts'
import { MemoryFrontier } from './memory-frontier.ts'

type AnyKind<Method> = Method extends (...args: infer A) => Operation<infer T>
  ? (...args: A) => Operation<T> | Coroutine<T> | PromiseLike<T>
  : Method

/** A frontier as `crawl` takes it: its methods may also be coroutine functions, or async ones, as clients of databases need. */
export type CustomFrontier = { readonly [Name in keyof Frontier]: AnyKind<Frontier[Name]> }

/** Makes all methods of a frontier return operations. */
export function frontierOf(custom: CustomFrontier): Frontier {
  if (custom instanceof MemoryFrontier) return custom
  const { has } = custom
  return {
    add: (requests) => operation(custom.add(requests)),
    ...(has !== undefined && { has: (key) => operation(has.call(custom, key)) }),
    lease: (options) => operation(custom.lease(options)),
    ack: (lease, also) => operation(custom.ack(lease, also)),
    retry: (lease, delay) => operation(custom.retry(lease, delay)),
    fail: (lease, reason) => operation(custom.fail(lease, reason)),
    stats: () => operation(custom.stats()),
  }
}

function operation<T>(result: Operation<T> | Coroutine<T> | PromiseLike<T>): Operation<T> {
  return drive<T>(result) as Operation<T>
}
