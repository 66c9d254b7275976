import type { Coroutine } from '@greenlit/core'
import { resumable } from '@greenlit/core/engine'

/** What a function of the user returned, to its end: of a coroutine function, an async one or a plain one. */
export function driven(result: unknown): Coroutine<unknown> {
  return { [Symbol.iterator]: () => resumable(result) } as unknown as Coroutine<unknown>
}
