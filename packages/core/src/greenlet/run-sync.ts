import { checkOperation } from '../engine/check.ts'
import type { Execution, Frame, Waiting } from '../engine/execution.ts'
import { cannotBlock } from '../engine/operation.ts'
import { runtime } from '../engine/runtime.ts'
import { FAILS, NATIVE, RUNNING, YIELDED } from '../engine/states.ts'
import { resume } from '../engine/step.ts'
import type { Operation, Resumable } from '../engine/suspension.ts'

/** The flags that a turn changes. */
const TURN_FLAGS = FAILS | NATIVE | YIELDED

/** The boundary between plain code that runs an operation and the coroutine that the operation runs in. */
class EntryFrame implements Frame {
  callerGenerator: Resumable | null
  callerFrame: Frame | null
  callerIsNative: boolean
  ended = false
  failed = false
  value: unknown = undefined

  constructor(execution: Execution) {
    this.callerGenerator = execution._generator
    this.callerFrame = execution._frame
    this.callerIsNative = (execution._flags & NATIVE) !== 0
  }

  complete(failed: boolean, value: unknown): boolean {
    this.ended = true
    this.failed = failed
    this.value = value
    return true
  }
}

/**
 * Runs an operation to its end without the event loop: raw greenlets switch among each other until control is back here.
 *
 * @param operation the operation to run, usually a `switch` or `throw`
 * @returns the result of the operation
 * @throws what the operation throws; {TypeError} at once, if it is not an operation; {BlockingSwitchOutError} if it has to wait
 *   for the hub: `await` it instead
 * @example
 * runSync(greenlet(function* (x: number) { return x + 1 }).switch(1)) // 2
 */
export function runSync<T>(operation: Operation<T>): T {
  checkOperation(operation, 'operation')
  const execution = runtime.current ?? runtime.main!
  const entry = new EntryFrame(execution)
  const outer = runtime.current
  // Saved because a tracer runs in a greenlet that is about to be resumed: what it is resumed with must survive the tracer.
  const { _state: state, _flags: flags, _waiting: waiting, _transfer: transfer } = execution
  execution._state = RUNNING
  execution._flags &= ~TURN_FLAGS
  execution._waiting = null
  execution._generator = operation[Symbol.iterator]() as Resumable
  execution._frame = entry
  runtime.current = null
  resume(execution)
  runtime.current = outer
  if (!entry.ended) {
    ;(execution._waiting as Waiting | null)?.abandon()
    execution._generator = entry.callerGenerator
    execution._frame = entry.callerFrame
  }
  execution._state = state
  execution._flags = (execution._flags & ~TURN_FLAGS) | (flags & TURN_FLAGS)
  execution._waiting = waiting
  execution._transfer = transfer
  if (!entry.ended) throw cannotBlock()
  if (entry.failed) throw entry.value
  return entry.value as T
}
