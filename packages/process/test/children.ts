import type { Coroutine } from '@greenlit/core'
import { type ContextName, Process } from '@greenlit/process'

const module = new URL('./fixtures/shared.mjs', import.meta.url)

/** Starts exported functions of the fixtures as children. */
export function starter(context: ContextName) {
  return (name: string, ...args: unknown[]): Process => {
    const child = new Process({ target: { module, export: name }, args, context })
    child.start()
    return child
  }
}

/** Waits for children, which must exit with code 0. */
export function* joined(...children: Process[]): Coroutine<void> {
  for (const child of children) {
    yield* child.join()
    if (child.exitcode !== 0) throw child.exception ?? new Error(`${child} ended with ${child.exitcode}`)
  }
}
