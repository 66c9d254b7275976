import { GreenletExit } from '../errors/greenlet-exit.ts'
import { InvalidSwitchError } from '../errors/hub-errors.ts'
import { contextAfter } from './async-context.ts'
import type { Execution, Frame } from './execution.ts'
import { loop } from './loop.ts'
import { latestProgram, runtime } from './runtime.ts'
import { DEAD, FAILS, IN_CONTEXT, NATIVE, PARKED, PUSHED, READY, RUNNING, UNSTARTED } from './states.ts'
import { nextOfGenerator } from './suspension.ts'

/**
 * The step loop: runs an execution until it gives up control, then the one it gave control to, and so on until that is the hub or
 * plain code. All resuming happens in this loop, so no chain of switches or coroutine calls deepens the native stack.
 */
export function resume(first: Execution): void {
  const outer = runtime.current
  let execution = first
  // `runSync` continues an execution that is already running, which is not a switch.
  if (runtime.trace !== null && execution._state !== RUNNING) runtime.trace(outer, execution)
  for (;;) {
    runtime.current = execution
    let result: IteratorResult<unknown, unknown>
    let failed = false
    try {
      result = (execution._flags & IN_CONTEXT) === 0 ? advance(execution) : advanceInContext(execution)
    } catch (error) {
      // The error for a bare `yield` cannot get past an iterator without `throw`: JavaScript throws an error of its own there, so
      // ours becomes the cause of that one.
      if (error instanceof TypeError && error.message.includes("'throw' method")) error.cause ??= bareYield()
      failed = true
      result = { done: true, value: error }
    }
    let successor: Execution | null
    if (!result.done) {
      const { _state: state } = execution
      if (state === PUSHED) continue
      if (state === RUNNING) {
        execution._failure = bareYield()
        continue
      }
      successor = runtime.next
      runtime.next = null
      if (runtime.trace !== null) runtime.trace(execution, successor)
    } else if (execution._frame !== null) {
      if (popFrame(execution, failed, result.value)) break
      if (failed) execution._failure = result.value
      continue
    } else {
      successor = finish(execution, failed, result.value)
    }
    if (successor === null) break
    execution = successor
  }
  runtime.current = outer
}

function bareYield(): TypeError {
  return new TypeError('Expected `yield*` on an operation, got a bare `yield`, or `yield*` on another iterable')
}

/** Runs one turn of the top generator. Kept small and separate: it is what runs inside a captured async context. */
function advance(execution: Execution): IteratorResult<unknown, unknown> {
  if (execution._state === UNSTARTED) return begin(execution)
  execution._state = RUNNING
  const { _flags: flags } = execution
  const generator = execution._generator!
  if ((flags & FAILS) !== 0) return generator.throw(execution._take())
  return (flags & NATIVE) !== 0 ? nextOfGenerator.call(generator) : generator.next()
}

function begin(execution: Execution): IteratorResult<unknown, unknown> {
  // An execution that is thrown into before its start dies without running.
  if ((execution._flags & FAILS) !== 0) throw execution._take()
  const generator = execution._begin()
  execution._generator = generator
  if ((execution._flags & NATIVE) === 0 && generator.next !== nextOfGenerator) return generator.next()
  execution._flags |= NATIVE
  return nextOfGenerator.call(generator)
}

/** Runs a turn in the async context captured at the spawn. */
function advanceInContext(execution: Execution): IteratorResult<unknown, unknown> {
  return execution._extras!.asyncContext!.runInAsyncScope(advanceInside, undefined, execution)
}

function advanceInside(execution: Execution): IteratorResult<unknown, unknown> {
  const extras = execution._extras!
  try {
    return advance(execution)
  } finally {
    extras.asyncContext = contextAfter(extras.asyncContext!)
  }
}

/** Hands the outcome of the top coroutine call to its caller; returns whether control leaves to plain code. */
function popFrame(execution: Execution, failed: boolean, value: unknown): boolean {
  const frame = execution._frame!
  leaveFrame(execution, frame)
  return frame.complete(failed, value)
}

/** Makes a frame's caller the top again. */
export function leaveFrame(execution: Execution, frame: Frame): void {
  execution._generator = frame.callerGenerator
  execution._frame = frame.callerFrame
  execution._flags = frame.callerIsNative ? execution._flags | NATIVE : execution._flags & ~NATIVE
}

function finish(execution: Execution, failed: boolean, value: unknown): Execution | null {
  execution._state = DEAD
  execution._generator = null
  const successor = findReceiver(execution._end(failed, value), execution)
  if (runtime.trace !== null) runtime.trace(execution, successor)
  return successor
}

/**
 * Finds the execution that receives what is carried to `target`: the dead pass it up to their parents, the unstarted begin with
 * it or die of it, the suspended are resumed. Returns `null` if control ends in the hub, where an error is reported as that of
 * `source`.
 */
export function findReceiver(target: Execution | null, source = target): Execution | null {
  for (let to = target; to !== null; to = to._parent) {
    const { carriedFailed: failed, carriedValue: value } = runtime
    let receiver: Execution | undefined = to
    if (to === runtime.hub) {
      receiver = undefined
    } else if (to === runtime.main && to._state !== PARKED) {
      // The latest wait of plain code for a switch; without one the latest of all, which fails. An error may end any wait.
      receiver =
        latestProgram(({ _state, _waiting }) => _state === PARKED && (failed || _waiting?.switchable)) ??
        latestProgram(({ _state }) => _state === PARKED)
    }
    if (receiver === undefined) {
      if (failed) runtime.reportError(source, value)
      return null
    }
    if (receiver._state !== DEAD) return deliver(receiver)
    // A `GreenletExit` thrown at a dead greenlet reaches its parent as a mere value.
    if (failed && value instanceof GreenletExit) runtime.carriedFailed = false
  }
  return null
}

function deliver(to: Execution): Execution | null {
  const { _state: state, _waiting: waiting } = to
  if (state === RUNNING || state === PUSHED) {
    runtime.reportError(to, runsBelow())
    return null
  }
  if (runtime.carriedFailed) {
    to._failure = runtime.carriedValue
  } else if (state === UNSTARTED) {
    if (to._parent === runtime.hub) loop.queue.remove(to)
    to._transfer = runtime.carriedArgs ?? [runtime.carriedValue]
  } else if (waiting?.switchable) {
    to._transfer = runtime.carriedValue
  } else {
    to._failure = new InvalidSwitchError(
      `Expected a switch from what it waits on: ${waiting?.describe() ?? 'its turn'}`,
    )
  }
  if (state === READY) loop.queue.remove(to)
  return to
}

/** Returns the error for a switch to a greenlet that is running further down the native stack. */
export function runsBelow(): InvalidSwitchError {
  return new InvalidSwitchError('Expected a greenlet that is not running')
}
