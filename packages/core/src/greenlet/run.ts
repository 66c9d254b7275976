import { checkCallable } from '../engine/check.ts'
import { afterOtherWork } from '../engine/clock.ts'
import { platform } from '../engine/platform.ts'
import { runtime } from '../engine/runtime.ts'
import { ENDING } from '../engine/states.ts'
import type { Greenlet } from './greenlet.ts'
import { enumerate } from './live.ts'
import type { Outcome } from './outcome.ts'
import { handled } from './signal-handler.ts'
import { spawn } from './spawn.ts'

/**
 * Runs a program's main coroutine. On SIGINT or SIGTERM it kills that greenlet and all others and waits until their `finally`
 * blocks are done; the exit status is then 130 or 143, unless the program has set one. A second signal ends the process at once.
 * A signal for which the program has a `signalHandler` is left to that handler. A deadlock and a `FatalError` are raised where
 * `main` waits.
 *
 * @param main the coroutine function
 * @param args its arguments
 * @returns what `main` returns; after a signal, the `GreenletExit` it was killed with
 * @throws what `main` throws; {TypeError} if it is not a function
 * @example
 * await run(function* () {
 *   yield* server.serveForever()
 * })
 */
export async function run<A extends unknown[], R>(main: (...args: A) => R, ...args: A): Promise<Outcome<R>> {
  checkCallable(main, 'main')
  const greenlet = spawn(main as (...args: unknown[]) => unknown, ...args)
  // What concerns the program, such as a deadlock, is raised where `main` waits; its own errors go to the caller alone.
  runtime.programs.add(greenlet)
  if (mains.size === 0) listen('on')
  mains.add(greenlet)
  try {
    // Linked, since awaiting it would be a wait of the program too, which a deadlock ends before `main` could handle it.
    return await new Promise<Outcome<R>>((resolve) => greenlet.rawlink(resolve as never))
  } finally {
    runtime.programs.delete(greenlet)
    // Ctrl-C ends the children of a program too. Node may report their end, which ends `main`, before it reports the signal.
    await new Promise<void>((resolve) => afterOtherWork(() => afterOtherWork(resolve)))
    if (!mains.delete(greenlet)) await ended
    else if (mains.size === 0) listen('off')
  }
}

/** The main greenlets that no signal has ended yet. They share the listeners, as Node warns of more than ten. */
const mains = /* @__PURE__ */ new Set<unknown>()
/** Settles when all that the last signal has killed is done. */
let ended: Promise<unknown>

/** Each with the exit status that a shell shows for its signal. */
const listeners = { SIGINT: () => end('SIGINT', 130), SIGTERM: () => end('SIGTERM', 143) }

function listen(method: 'on' | 'off'): void {
  for (const [signal, listener] of Object.entries(listeners)) platform?.[method]?.(signal, listener)
}

function end(signal: string, status: number): void {
  if ([...handled.values()].includes(signal)) return
  listen('off')
  mains.clear()
  platform!.exitCode ??= status
  const all = enumerate().slice(1) as Greenlet<unknown>[]
  ended = Promise.all(
    all.map((one) => {
      const end = one.kill()
      one._flags |= ENDING
      return end
    }),
  )
}
