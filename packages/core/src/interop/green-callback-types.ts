import type { Operation } from '../engine/suspension.ts'
import type {
  BlockingMembers,
  Callable,
  Data,
  GreenResult,
  IsAny,
  IsResource,
  IsUnknown,
  Newable,
  Primitive,
  Same,
} from './green-types.ts'

/** The type of `green.callback`'s view of a `T`: functions that take a callback as their last argument return operations. */
export type GreenCallback<T> =
  IsAny<T> extends true
    ? T
    : T extends Primitive | Data
      ? T
      : T extends Callable
        ? GreenCallbackCalls<T> & GreenCallbackClass<T>
        : T extends Newable
          ? GreenCallbackClass<T>
          : T extends object
            ? GreenCallbackMembers<T> & BlockingMembers<T>
            : T

/** The members of a view of an object. It has a name so that a declaration file can name the type of an exported view. */
export type GreenCallbackMembers<T> = { [K in keyof T]: K extends EmitterKey ? T[K] : GreenCallback<T[K]> }

/** The members of emitters, whose functions take listeners rather than callbacks. */
type EmitterKey = 'on' | 'off' | 'once' | 'emit' | 'eventNames' | `${string}Listener` | `${string}Listeners`

type GreenCallbackClass<F> = {
  [K in keyof F]: K extends 'prototype' ? F[K] : GreenCallback<F[K]>
} & (F extends abstract new (
  ...args: infer A
) => infer I
  ? F extends new (
      ...args: never
    ) => unknown
    ? new (
        ...args: A
      ) => Result<I>
    : abstract new (
        ...args: A
      ) => Result<I>
  : unknown)

/** The type of a result: an object with methods becomes a view of `green.callback`. */
type Result<R> =
  IsAny<R> extends true
    ? R
    : IsUnknown<R> extends true
      ? R
      : R extends Primitive | Data
        ? R
        : R extends PromiseLike<unknown>
          ? GreenResult<R>
          : R extends Callable | Newable
            ? GreenCallback<R>
            : IsResource<R> extends true
              ? GreenCallback<R>
              : R

/** If one overload takes a callback, the overloads that take none are left out. */
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
    ? CallbackCall<A1, R1, false>
    : CallbackOverload<[A1, R1], [A2, R2], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A2, R2], [A3, R3], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A3, R3], [A4, R4], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A4, R4], [A5, R5], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A5, R5], [A6, R6], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A6, R6], [A7, R7], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A7, R7], [A8, R8], A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8> &
        CallbackOverload<[A8, R8], never, A1 | A2 | A3 | A4 | A5 | A6 | A7 | A8>
  : unknown
type CallbackOverload<O extends [unknown[], unknown], Next, All extends unknown[]> =
  Same<O, Next> extends true ? unknown : CallbackCall<O[0], O[1], true extends TakesCallback<All> ? true : false>

type CallbackCall<A extends unknown[], R, OnlyCallbacks> =
  TakesCallback<A> extends true
    ? (
        ...args: A extends [...infer Given, (...results: never) => unknown] ? Given : WithoutLast<Required<A>>
      ) => Operation<Value<A>>
    : OnlyCallbacks extends true
      ? unknown
      : (...args: A) => Result<R>
type WithoutLast<A extends unknown[]> = A extends [...infer Rest, unknown] ? Rest : []
type TakesCallback<A extends unknown[]> = A extends unknown
  ? Required<A> extends [...unknown[], (...results: infer Results) => unknown]
    ? Required<Results> extends [infer E, ...unknown[]]
      ? IsErrorLike<E>
      : true
    : false
  : never
type Value<A extends unknown[]> =
  Required<A> extends [...unknown[], (...results: infer Results) => unknown]
    ? Required<Results> extends [unknown, ...infer Values]
      ? Result<ValueOf<Values>>
      : undefined
    : never
type IsErrorLike<E> = IsUnknown<E> extends true ? true : [E] extends [Error | null | undefined] ? true : false
type ValueOf<Values extends unknown[]> = Values extends [] ? undefined : Values extends [infer Only] ? Only : Values
