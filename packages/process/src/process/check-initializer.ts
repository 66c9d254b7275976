import { show } from '@greenlit/core/engine'
import { type CheckedTarget, checkTarget, type Target } from './target.ts'

/** What a process calls before all else. */
interface Initializer {
  readonly initializer: CheckedTarget | undefined
  readonly initargs: readonly unknown[]
}

/** Checks what a process is to call before all else. */
export function checkInitializer(options: { initializer?: Target; initargs?: readonly unknown[] }): Initializer {
  const { initializer, initargs = [] } = options
  if (!Array.isArray(initargs)) throw new TypeError(`Expected \`initargs\` to be an array, got ${show(initargs)}`)
  return { initializer: initializer === undefined ? undefined : checkTarget(initializer, 'initializer'), initargs }
}
