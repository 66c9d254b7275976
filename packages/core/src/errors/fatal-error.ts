import { branded } from './branded.ts'

/**
 * Ends the program: thrown by a greenlet or a callback of the hub, it is raised in the plain program at its current wait, as
 * gevent does with SystemExit and KeyboardInterrupt. Throw a subclass for a reason of your own.
 *
 * @example
 * spawn(function* () {
 *   if (configuration === undefined) throw new FatalError('no configuration')
 * })
 */
export class FatalError extends /* @__PURE__ */ branded('FatalError') {
  /** A stable name for telling errors apart. */
  readonly code: string = 'FATAL'
}
