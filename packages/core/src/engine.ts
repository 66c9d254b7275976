/**
 * The building blocks of blocking calls, for the other packages and for extensions of your own.
 *
 * @module
 */
export { Blocking } from './engine/blocking.ts'
export { Call, coroutine } from './engine/call.ts'
export { withCallLines } from './engine/call-lines.ts'
export { type Callback, callInHub, runCallback } from './engine/callback.ts'
export {
  checkCallable,
  checkDuration,
  checkIterable,
  checkOptions,
  checkTimeout,
  checkTimeoutFromZero,
  checkWhole,
  type StartableLimit,
  show,
  type TimeLimit,
  timeoutOf,
  wrongType,
  wrongValue,
} from './engine/check.ts'
export { Done } from './engine/done.ts'
export { now } from './engine/now.ts'
export { OperationBase } from './engine/operation.ts'
export { beginBatch, holdOutside, letGoOutside } from './engine/outside.ts'
export { drive, resumable } from './engine/start.ts'
export type { Coroutine, Operation, Resumable, Suspension } from './engine/suspension.ts'
export { alsoKnownAs, branded } from './errors/branded.ts'
export type { LinkTarget } from './greenlet/links.ts'
export { standFor } from './interop/view/originals.ts'
export { Reader } from './pool/source.ts'
