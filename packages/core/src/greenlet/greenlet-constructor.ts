import { Greenlet as GreenletClass } from './greenlet.ts'
import type { Eventually } from './outcome.ts'

type Class = typeof GreenletClass

/**
 * The type of the class `Greenlet` as callers see it: its arguments are those of the function, and `get` returns what the
 * function returns.
 */
export interface GreenletConstructor extends Omit<Class, 'prototype' | 'spawn' | 'spawnLater'> {
  readonly prototype: GreenletClass<unknown>
  /**
   * Creates a greenlet without starting it: call `start()`, or use `spawn` to do both.
   *
   * @param run the coroutine function to run; omitted by a subclass that overrides `*run()`
   * @param args its arguments
   * @throws {TypeError} if `run` is not a function, for instance the result of calling one
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a subclass passes on is for the subclass to check
  new <T = unknown, A extends unknown[] = any[]>(run?: (...args: A) => Eventually<T>, ...args: A): GreenletClass<T>
  /**
   * Creates and starts a greenlet of this class. For a subclass with its own `run`, pass `undefined` first and then the arguments
   * of `run`.
   */
  readonly spawn: (<C extends GreenletConstructor, T, A extends unknown[]>(
    this: C,
    run: (...args: A) => Eventually<T>,
    ...args: A
  ) => InstanceFor<C, T>) &
    Class['spawn']
  /** Like `spawn`, after a delay in milliseconds. */
  readonly spawnLater: (<C extends GreenletConstructor, T, A extends unknown[]>(
    this: C,
    milliseconds: number,
    run: (...args: A) => Eventually<T>,
    ...args: A
  ) => InstanceFor<C, T>) &
    Class['spawnLater']
}

/** The instance a class creates for a function: a `Greenlet<T>` for `Greenlet` itself, otherwise an instance of the subclass. */
type InstanceFor<C extends GreenletConstructor, T> = GreenletConstructor extends C ? GreenletClass<T> : InstanceType<C>

/** A greenlet scheduled by the hub, whose outcome is a `T`. */
export type Greenlet<T = unknown> = GreenletClass<T>

/**
 * A greenlet scheduled by the hub: it can be spawned, joined, killed and linked (gevent: Greenlet). It never runs before its
 * spawner blocks. The greenlet itself can be `yield*`-ed or awaited any number of times; both mean `get()`.
 *
 * @example
 * const greenlet = new Greenlet(fetchAll, urls)
 * greenlet.start()
 * const pages = yield* greenlet
 */
export const Greenlet = GreenletClass as GreenletConstructor
