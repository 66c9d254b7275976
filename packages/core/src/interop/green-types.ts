import type { Operation } from '../engine/suspension.ts'
import type { CooperativeIterator } from '../wait/cooperative-iterator.ts'
import type { ManySignatures } from './many-signatures.ts'

export type Primitive = string | number | bigint | boolean | symbol | null | undefined
export type Data =
  | readonly unknown[]
  | Date
  | RegExp
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | URL
  | URLSearchParams
  | Headers
  | FormData
  | AbortSignal
export type Callable = (...args: never) => unknown
export type Newable = abstract new (...args: never) => unknown
export type IsAny<T> = 0 extends 1 & T ? true : false
export type IsUnknown<T> = unknown extends T ? (IsAny<T> extends true ? false : true) : false

/**
 * The type of `green`'s view of a `T`: functions that return promises return operations; synchronous functions and data stay as
 * they are.
 *
 * @example
 * type Files = Green<typeof import('node:fs/promises')>
 */
export type Green<T> =
  IsAny<T> extends true
    ? T
    : T extends Primitive | Data
      ? T
      : T extends PromiseLike<unknown>
        ? GreenPromise<T>
        : T extends Callable | Newable
          ? GreenFunction<T, ResponseOf<T>>
          : T extends object
            ? GreenObject<T>
            : T

type GreenObject<T> = GreenMembers<T> & BlockingMembers<T>

/** The members of a view of an object. It has a name so that a declaration file can name the type of an exported view. */
export type GreenMembers<T> = {
  [K in keyof T]: K extends 'read'
    ? T extends Readable
      ? (size?: number) => Operation<Exclude<ReturnType<T['read']>, null> | undefined>
      : GreenMember<T[K], T>
    : GreenMember<T[K], T>
}

type GreenMember<M, T> = M extends Callable | Newable ? GreenFunction<M, ResponseOf<T>> : Green<M>

interface Readable {
  read(size?: number): unknown
  on(event: 'readable', listener: () => void): unknown
  readonly readableEnded: boolean
}
interface Emitter {
  on(event: never, listener: never): unknown
  once(event: never, listener: never): unknown
  removeListener(event: never, listener: never): unknown
}
interface Target {
  addEventListener(event: never, listener: never): unknown
}

export type BlockingMembers<T> = (T extends Emitter
  ? { once<A extends unknown[] = unknown[]>(event: string | symbol): Operation<A> }
  : T extends Target
    ? { once<E = Event>(event: string): Operation<[E]> }
    : unknown) &
  (T extends AsyncIterable<infer I> ? { iterate(): CooperativeIterator<GreenResult<I>> } : unknown)

/** A promise becomes an operation; one with further members keeps those as well. */
type GreenPromise<T extends PromiseLike<unknown>> = Operation<GreenResult<Awaited<T>>> &
  (Exclude<keyof T, keyof Promise<unknown>> extends never
    ? unknown
    : GreenObject<Omit<T, keyof Promise<unknown> | typeof Symbol.iterator>>)

/** The type of a call's result: resources become views, data stays as it is. */
export type GreenResult<R> =
  IsAny<R> extends true
    ? R
    : IsUnknown<R> extends true
      ? R
      : R extends Primitive | Data
        ? R
        : R extends PromiseLike<unknown> | Callable | Newable
          ? Green<R>
          : R extends object
            ? IsResource<R> extends true
              ? Green<R>
              : R
            : R

export type IsResource<R> = true extends HasAsync<R> | { [K in keyof R]-?: HasAsync<R[K]> }[keyof R] ? true : false
type HasAsync<R> =
  IsAny<R> extends true
    ? false
    : R extends Primitive | Data | Callable
      ? false
      : R extends AsyncIterable<unknown> | AsyncIterator<unknown> | Emitter
        ? true
        : true extends { [K in keyof R]-?: IsAsyncFunction<R[K]> }[keyof R]
          ? true
          : false
type IsAsyncFunction<F> =
  IsAny<F> extends true
    ? false
    : F extends (...args: never) => infer R
      ? IsAny<R> extends true
        ? false
        : R extends PromiseLike<unknown>
          ? true
          : false
      : false

/** The type of a view of a function or class; `Response` is the type that the responses of a client have. */
export type GreenFunction<F, Response> = GreenCalls<F, Response> & GreenNew<F> & GreenStatics<F>
type GreenStatics<F> = [keyof F] extends [never]
  ? unknown
  : { [K in keyof F]: K extends 'prototype' ? F[K] : GreenMember<F[K], F> }
export type GreenNew<F> = F extends abstract new (
  ...args: infer A
) => infer I
  ? F extends new (
      ...args: never
    ) => unknown
    ? new (
        ...args: A
      ) => GreenResult<I>
    : abstract new (
        ...args: A
      ) => GreenResult<I>
  : unknown

/** All overloads that inference tells apart, in order; for a function with fewer, its first one fills the places before it. */
type GreenCalls<F, Response> = F extends {
  (...args: infer A1): infer R1
  (...args: infer A2): infer R2
  (...args: infer A3): infer R3
  (...args: infer A4): infer R4
  (...args: infer A5): infer R5
  (...args: infer A6): infer R6
  (...args: infer A7): infer R7
  (...args: infer A8): infer R8
  (...args: infer A9): infer R9
  (...args: infer A10): infer R10
  (...args: infer A11): infer R11
  (...args: infer A12): infer R12
}
  ? Same<[A1, R1], [A12, R12]> extends true
    ? GreenCall<F, A1, R1, Response>
    : Same<[A1, R1], [A2, R2]> extends false
      ? ManyCalls<ManySignatures<F>, Response>
      : Overload<[A1, R1], [A2, R2], Response> &
          Overload<[A2, R2], [A3, R3], Response> &
          Overload<[A3, R3], [A4, R4], Response> &
          Overload<[A4, R4], [A5, R5], Response> &
          Overload<[A5, R5], [A6, R6], Response> &
          Overload<[A6, R6], [A7, R7], Response> &
          Overload<[A7, R7], [A8, R8], Response> &
          Overload<[A8, R8], [A9, R9], Response> &
          Overload<[A9, R9], [A10, R10], Response> &
          Overload<[A10, R10], [A11, R11], Response> &
          Overload<[A11, R11], [A12, R12], Response> &
          Overload<[A12, R12], never, Response>
  : unknown

export type Same<X, Y> = (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? true : false
type Overload<O extends [unknown[], unknown], Next, Response> =
  Same<O, Next> extends true ? unknown : GreenCall<never, O[0], O[1], Response>

type ManyCalls<Signatures, Response> = Signatures extends [
  infer Signature extends [unknown[], unknown],
  ...infer Rest extends [unknown[], unknown][],
]
  ? Overload<Signature, Rest extends [] ? never : Rest[0], Response> & ManyCalls<Rest, Response>
  : unknown

/** The view of one signature. */
type GreenCall<F, A extends unknown[], R, Response> =
  R extends PromiseLike<infer V>
    ? IsUnknown<V> extends true
      ? GreenGeneric<F, A, Response>
      : (...args: A) => GreenResult<R>
    : (...args: A) => GreenResult<R>

/**
 * A function whose type parameters determine what the promise is of. Inference loses those, so the usual kinds are told apart by
 * what the function is assignable to: a promise of any type at all, of the type of its first or second argument, or of a client's
 * response.
 */
type GreenGeneric<F, A extends unknown[], Response> = Response extends { readonly data: unknown }
  ? <D = Response['data']>(...args: A) => Operation<{ [K in keyof Response]: K extends 'data' ? D : Response[K] }>
  : [F] extends [never]
    ? (...args: A) => Operation<unknown>
    : F extends <T>(value: T, ...rest: never[]) => PromiseLike<T>
      ? F extends (value: 1, ...rest: never[]) => PromiseLike<2>
        ? GreenAny<A>
        : A extends [unknown, ...unknown[]]
          ? <T>(...args: [value: T, ...rest: Tail<A>]) => Operation<T>
          : <T = undefined>(...args: [value?: T, ...rest: Tail<A>]) => Operation<T>
      : F extends <T>(first: never, value: T, ...rest: never[]) => PromiseLike<T>
        ? F extends (first: never, value: 1, ...rest: never[]) => PromiseLike<2>
          ? GreenAny<A>
          : A extends [unknown, unknown, ...unknown[]]
            ? <T>(...args: [first: A[0], value: T, ...rest: Tail<Tail<A>>]) => Operation<T>
            : <T = undefined>(...args: [first?: A[0], value?: T, ...rest: Tail<Tail<A>>]) => Operation<T>
        : F extends (...args: never[]) => PromiseLike<2>
          ? GreenAny<A>
          : (...args: A) => Operation<unknown>

/** Only the caller knows the type of the result. */
type GreenAny<A extends unknown[]> = <T = unknown>(...args: A) => Operation<T>

type Tail<A extends unknown[]> = A extends [_?: unknown, ...rest: infer Rest] ? Rest : []

/** The response of an HTTP client as axios declares it: the parameter of its interceptors. */
type ResponseOf<T> = T extends {
  interceptors: { response: { use: (fulfilled: infer Fulfilled, ...rest: never) => unknown } }
}
  ? NonNullable<Fulfilled> extends (response: infer Response) => unknown
    ? Response
    : undefined
  : undefined
