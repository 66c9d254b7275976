import { runCallback } from '../engine/callback.ts'
import { afterOtherWork } from '../engine/clock.ts'
import type { Execution } from '../engine/execution.ts'
import { interrupt } from '../engine/interrupt.ts'
import { loop } from '../engine/loop.ts'
import { deno, platform } from '../engine/platform.ts'
import { runtime } from '../engine/runtime.ts'
import { PARKED } from '../engine/states.ts'
import { LoopExit } from '../errors/hub-errors.ts'
import { enumerate } from './live.ts'
import { spawnSiteOf } from './spawn-site.ts'

/** Resources that nothing in the program waits for: signal handles, and the pipe through which Node talks to its parent. */
const AMBIENT = new Set(['Pipe', 'SignalWrap', 'Signal'])
const FIRST_CHECK_DELAY = 20
const MAX_CHECK_DELAY = 500

/** Whether all open resources are listed: Bun's list is always empty, and Deno's has only those of its Node modules. */
const LISTS_RESOURCES = platform?.getActiveResourcesInfo && !(deno || 'Bun' in globalThis)
/** The platform's own timer: fake timers stand still until a test advances them. */
const setRealTimeout = setTimeout
let checking = false

/**
 * Called when the hub has nothing left to do while the plain program waits. Callbacks from outside the hub (a native timer, a
 * stream) may still wake it, so this polls the platform for open resources. If there are none at all, Node's event loop ends and
 * the deadlock is reported at `beforeExit`.
 */
export function findDeadlock(): void {
  if (checking || !LISTS_RESOURCES) return
  checking = true
  check()
}

function check(delay = FIRST_CHECK_DELAY, batches = loop.batches): void {
  const timer = setRealTimeout(() => {
    if (runtime.programs.size === 0 || !loop.isIdle) {
      checking = false
    } else if (loop.batches !== batches) {
      check()
    } else if (mayCallBack()) {
      check(Math.min(delay * 2, MAX_CHECK_DELAY), batches)
    } else {
      checking = false
      endWaits()
    }
  }, delay)
  timer.unref?.()
}

/** Whether anything is open that may still call back, apart from the standard streams and the channel to a parent process. */
function mayCallBack(): boolean {
  // Only sinon's fake timers, which vitest and Jest use too, tell how many timers are pending.
  const { clock } = setTimeout as { clock?: { countTimers(): number } }
  if (setTimeout !== setRealTimeout && clock?.countTimers() !== 0) return true
  const { stdin, stdout, stderr, channel } = platform!
  if (stdin?.readable && (stdin.readableFlowing || stdin.listenerCount('readable') > 0)) return true
  const inThread = platform!.getBuiltinModule?.('node:worker_threads')?.isMainThread === false
  // Standard streams that are pipes or terminals are listed even if nothing may ever arrive on them.
  let ambient = [stdin, stdout, stderr].filter((stream) => stream && 'connecting' in stream).length + (channel ? 1 : 0)
  return platform!.getActiveResourcesInfo!().some((name) => {
    if (name === 'PipeWrap' || name === 'TTYWrap') return --ambient < 0
    return name === 'MessagePort' ? !inThread : !AMBIENT.has(name)
  })
}

/** Throws `LoopExit` into every wait of the plain program, and into the coroutines that `run` runs, which are greenlets too. */
function endWaits(): void {
  const waiting = [...runtime.programs].filter((program) => program._state === PARKED)
  if (waiting.length === 0) return
  const error = new LoopExit(
    `This operation would block forever\n${[...new Set([...runtime.programs, ...enumerate().slice(1)])].map(describeWait).join('\n')}`,
  )
  for (const program of waiting) runCallback(interrupt, program, error, Infinity)
  // At `beforeExit`, Node runs the event loop again only if something keeps the process alive a little longer.
  afterOtherWork(() => {})
}

function describeWait(execution: Execution): string {
  const who = execution._isMain ? 'the plain program' : execution
  return `  ${who} waits on ${execution._waiting?.describe() ?? 'nothing'}${spawnSiteOf(execution)}`
}

// Not with the first deadlock: one that awaits something from outside, which never comes, calls nobody.
platform?.on?.('beforeExit', endWaits)
