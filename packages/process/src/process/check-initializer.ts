import { show } from '@greenlit/core/engine'
import { type CheckedTarget, checkTarget, type Target } from './target.ts'

/** A function that a worker calls before any task, and its arguments. */
interface Initializer {
  readonly initializer: CheckedTarget | undefined
  readonly initargs: readonly unknown[]
}

/** Checks the options `initializer` and `initargs`. */
export function checkInitializer(options: {
  initializer?: Target | undefined
  initargs?: readonly unknown[] | undefined
}): Initializer {
  const { initializer, initargs = [] } = options
  if (!Array.isArray(initargs)) throw new TypeError(`Expected \`initargs\` to be an array, got ${show(initargs)}`)
  return { initializer: initializer === undefined ? undefined : checkTarget(initializer, 'initializer'), initargs }
}
