import { checkCallable } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import { ENDING } from '../engine/states.ts'
import type { Suspension } from '../engine/suspension.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { Greenlet } from './greenlet.ts'
import { enumerate } from './live.ts'
import type { Outcome } from './outcome.ts'
import { spawn } from './spawn.ts'

/** The part of the platform that `run` needs for signals. */
interface SignalPlatform {
  exitCode?: unknown
  on(signal: string, listener: () => void): unknown
  off(signal: string, listener: () => void): unknown
}

/**
 * Runs a program's main coroutine. On SIGINT or SIGTERM it kills that greenlet and all others and waits until their `finally`
 * blocks are done; the exit status is then 130 or 143, unless the program has set one. A second signal ends the process at once.
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
  const greenlet = spawn(function* (): Generator<Suspension, () => Outcome<R>, unknown> {
    try {
      const value = yield* drive<Outcome<R>>(main(...args))
      return () => value
    } catch (error) {
      if (error instanceof GreenletExit) throw error
      // The error goes to the caller, who awaits `run`, so the hub must not report it.
      return () => {
        throw error
      }
    }
  })
  const stopListening = onSignal((status) => {
    const all = [...new Set([greenlet, ...enumerate()])].filter((one) => one instanceof Greenlet)
    const ends = all.map((one) => {
      const end = one.kill()
      one.flags |= ENDING
      return end
    })
    ended = Promise.all(ends).then(() => {
      platform!.exitCode ??= status
    })
  })
  let ended: Promise<unknown> | undefined
  try {
    const outcome: GreenletExit | (() => Outcome<R>) = await greenlet
    return outcome instanceof GreenletExit ? (outcome as Outcome<R>) : outcome()
  } finally {
    await ended
    stopListening()
  }
}

const platform = (globalThis as { process?: SignalPlatform }).process

/** Listens for the first terminating signal. Returns a function that stops listening. */
function onSignal(callback: (status: number) => void): () => void {
  if (typeof platform?.on !== 'function') return () => {}
  const endWith = (status: number) => () => {
    stop()
    callback(status)
  }
  // Each with the exit status that a shell shows for it.
  const listeners = Object.entries({ SIGINT: endWith(130), SIGTERM: endWith(143) })
  const stop = () => {
    for (const [signal, listener] of listeners) platform.off(signal, listener)
  }
  for (const [signal, listener] of listeners) platform.on(signal, listener)
  return stop
}
