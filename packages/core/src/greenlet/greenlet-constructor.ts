import { Greenlet as GreenletClass } from './greenlet.ts'
import type { Eventually } from './outcome.ts'

type Class = typeof GreenletClass

/** The class `Greenlet` as it is called: its arguments are those of the function, and `get` gives what that gives. */
export interface GreenletConstructor extends Omit<Class, 'prototype' | 'spawn' | 'spawnLater'> {
  readonly prototype: GreenletClass<unknown>
  /**
   * Makes a greenlet that is yet to be started with `start()`; `spawn` does both.
   *
   * @param run the coroutine function to run; a subclass that overrides `*run()` passes none
   * @param args its arguments
   * @throws {TypeError} if `run` is no function, also if it is the result of calling one
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a subclass passes on is for the subclass to check
  new <T = unknown, A extends unknown[] = any[]>(run?: (...args: A) => Eventually<T>, ...args: A): GreenletClass<T>
  /** Makes one and starts it, also of a subclass, whose own `run` takes what follows an `undefined`. */
  readonly spawn: (<C extends GreenletConstructor, T, A extends unknown[]>(
    this: C,
    run: (...args: A) => Eventually<T>,
    ...args: A
  ) => Made<C, T>) &
    Class['spawn']
  /** As `spawn`, after a while in milliseconds. */
  readonly spawnLater: (<C extends GreenletConstructor, T, A extends unknown[]>(
    this: C,
    milliseconds: number,
    run: (...args: A) => Eventually<T>,
    ...args: A
  ) => Made<C, T>) &
    Class['spawnLater']
}

/** What a class makes that takes a function: only of `Greenlet` itself is it known to be no more than a greenlet. */
type Made<C extends GreenletConstructor, T> = GreenletConstructor extends C ? GreenletClass<T> : InstanceType<C>

/** A greenlet that the hub runs, which ends in a `T`. */
export type Greenlet<T = unknown> = GreenletClass<T>

/**
 * A greenlet that the hub runs: spawned, joined, killed, linked (gevent: Greenlet). It never runs before its spawner blocks. It
 * may itself be `yield*`-ed or awaited any number of times: both mean `get()`.
 *
 * @example
 * const greenlet = new Greenlet(fetchAll, urls)
 * greenlet.start()
 * const pages = yield* greenlet
 */
export const Greenlet = GreenletClass as GreenletConstructor
