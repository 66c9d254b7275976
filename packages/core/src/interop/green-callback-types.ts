import type { Operation } from '../engine/suspension.ts'
import type {
  BlockingMembers,
  Callable,
  Data,
  GreenFunction,
  GreenNew,
  GreenResult,
  IsAny,
  IsUnknown,
  Newable,
  Primitive,
  Same,
} from './green-types.ts'

/** What `green.callback` shows of a type: functions that take a callback last give operations. */
export type GreenCallback<T> =
  IsAny<T> extends true
    ? T
    : T extends Primitive | Data
      ? T
      : T extends Callable
        ? GreenCallbackCalls<T> & GreenNew<T> & { [K in keyof T]: K extends 'prototype' ? T[K] : GreenCallback<T[K]> }
        : T extends Newable
          ? GreenFunction<T, undefined>
          : T extends object
            ? { [K in keyof T]: K extends EmitterKey ? T[K] : GreenCallback<T[K]> } & BlockingMembers<T>
            : T

/** What emitters have: their functions take listeners, which are no callbacks. */
type EmitterKey = 'on' | 'off' | 'once' | 'emit' | 'eventNames' | `${string}Listener` | `${string}Listeners`

type GreenCallbackCalls<F> = F extends {
  (...args: infer A1): infer R1
  (...args: infer A2): infer R2
  (...args: infer A3): infer R3
  (...args: infer A4): infer R4
  (...args: infer A5): infer R5
  (...args: infer A6): infer R6
  (...args: infer A7): infer R7
  (...args: infer A8): infer R8
}
  ? Same<[A1, R1], [A8, R8]> extends true
    ? CallbackCall<A1, R1>
    : CallbackOverload<[A1, R1], [A2, R2]> &
        CallbackOverload<[A2, R2], [A3, R3]> &
        CallbackOverload<[A3, R3], [A4, R4]> &
        CallbackOverload<[A4, R4], [A5, R5]> &
        CallbackOverload<[A5, R5], [A6, R6]> &
        CallbackOverload<[A6, R6], [A7, R7]> &
        CallbackOverload<[A7, R7], [A8, R8]> &
        CallbackOverload<[A8, R8], never>
  : unknown
type CallbackOverload<O extends [unknown[], unknown], Next> =
  Same<O, Next> extends true ? unknown : CallbackCall<O[0], O[1]>

type CallbackCall<A extends unknown[], R> =
  Required<A> extends [...infer Rest, (...results: infer Results) => unknown]
    ? Required<Results> extends [infer E, ...infer Values]
      ? IsErrorLike<E> extends true
        ? (
            ...args: A extends [...infer Given, (...results: never) => unknown] ? Given : Rest
          ) => Operation<ValueOf<Values>>
        : (...args: A) => GreenResult<R>
      : (...args: A extends [...infer Given, (...results: never) => unknown] ? Given : Rest) => Operation<undefined>
    : (...args: A) => GreenResult<R>
type IsErrorLike<E> = IsUnknown<E> extends true ? true : [E] extends [Error | null | undefined] ? true : false
type ValueOf<Values extends unknown[]> = Values extends [] ? undefined : Values extends [infer Only] ? Only : Values
