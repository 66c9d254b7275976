import { checkCallable, checkOptions, wrongType, wrongValue } from './check.ts'
import { contextOwner } from './inherited-context.ts'
import { awaitOperation } from './operation.ts'
import { runtime } from './runtime.ts'
import { drive } from './start.ts'
import { isResumable, type Operation, type Resumable, type Suspension } from './suspension.ts'

/** What `Context.run` gives: of a coroutine an operation that runs it, of anything else what the function returned. */
export type RunResult<R> = R extends Generator<Suspension, infer T, unknown> ? Operation<T> : R

/**
 * A set of context variables with their values, as one greenlet sees them (Python: contextvars.Context).
 *
 * @example
 * const context = copyContext()
 * worker.context = context // before it starts
 */
export class Context {
  /** @internal Never changed in place, so that a copy is free. */
  values: ReadonlyMap<unknown, unknown>
  /** @internal Whether something runs in it by `run`. */
  isEntered = false

  /** @param source what to copy; default nothing */
  constructor(source?: Context | null) {
    this.values = source?.values ?? new Map()
  }

  /** How many variables have a value here. */
  get size(): number {
    return this.values.size
  }

  /** Whether the variable has a value here. */
  has(variable: ContextVar<unknown>): boolean {
    return this.values.has(variable)
  }

  /**
   * The variable's value here (Python: Context.get).
   *
   * @param fallback what to give if it has none; default `undefined`
   */
  get<T>(variable: ContextVar<T>): T | undefined
  get<T, F>(variable: ContextVar<T>, fallback: F): T | F
  get(variable: ContextVar<unknown>, fallback?: unknown): unknown {
    return this.values.has(variable) ? this.values.get(variable) : fallback
  }

  /** The variables that have a value here, each with its value. */
  [Symbol.iterator](): IterableIterator<[variable: ContextVar<unknown>, value: unknown]> {
    return this.values.entries() as IterableIterator<[ContextVar<unknown>, unknown]>
  }

  /** A copy; what is set in either later does not show in the other. */
  copy(): Context {
    return new Context(this)
  }

  /**
   * Calls a function that sees, and sets, the variables of this context (contextvars: Context.run). A coroutine sees them to its end;
   * the other greenlets see their own meanwhile.
   *
   * @param fn a function, or a coroutine function
   * @param args its arguments
   * @returns what `fn` returns; for a coroutine, or an operation, an operation that runs it
   * @throws {Error} if something runs in this context already; {TypeError} at once, if `fn` is no function
   * @example
   * const context = copyContext()
   * context.run(() => requestId.set(8)) // here it is as before
   * yield* context.run(handle, request)
   */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): RunResult<R> {
    checkCallable(fn, 'fn')
    const leave = enter(this)
    try {
      const result: unknown = fn(...args)
      return (isResumable(result) ? operationIn(this, result) : result) as RunResult<R>
    } finally {
      leave()
    }
  }
}

/** Lets a coroutine run in a context. */
function operationIn(context: Context, coroutine: Resumable): Operation<unknown> {
  const iterate = function* (): Generator<Suspension, unknown, unknown> {
    const leave = enter(context)
    try {
      return yield* drive(coroutine)
    } finally {
      leave()
    }
  }
  return {
    [Symbol.iterator]: iterate,
    then: (onfulfilled, onrejected) => awaitOperation<unknown>(iterate()).then(onfulfilled, onrejected),
  }
}

/** Takes a set value back, once; see `ContextVar.reset`. */
export interface ContextToken {
  /** The variable that was set (contextvars: Token.var). */
  readonly var: ContextVar<unknown>
  /** Whether the variable had a value before. */
  readonly had: boolean
  /** The value before. */
  readonly previous: unknown
  /** @internal Where it was set; `null` once it was used. */
  context: Context | null
}

/**
 * A variable with a value of its own in each greenlet (Python: contextvars.ContextVar). A new greenlet sees a copy of what its
 * spawner sees; see `hub.inherit`.
 *
 * @example
 * const requestId = new ContextVar<number>('requestId', { default: 0 })
 * requestId.set(7)
 * yield* spawn(function* () { return requestId.get() }) // 7
 */
export class ContextVar<T> {
  /** What it is called, for messages. */
  readonly name: string
  private readonly options: { default?: T }

  /**
   * @param name what it is called, for messages
   * @param options `default`: what `get` gives while nothing is set
   * @throws {TypeError} if `name` is no string
   */
  constructor(name: string, options?: { default?: T }) {
    if (typeof name !== 'string') throw wrongType('name', 'a string', name)
    this.name = name
    this.options = checkOptions(options)
  }

  /**
   * The value in the current greenlet.
   *
   * @param fallback what to give if none is set, before the variable's default
   * @throws {RangeError} if there is neither (Python: LookupError)
   */
  get(...fallback: [value: T] | []): T {
    const values = seenContext()?.values
    if (values?.has(this)) return values.get(this) as T
    if (fallback.length > 0) return fallback[0] as T
    if ('default' in this.options) return this.options.default as T
    throw new RangeError(`Expected the context variable ${this.name} to be set`)
  }

  /** Sets the value in the current greenlet; returns what `reset` takes. */
  set(value: T): ContextToken {
    const context = ownContext()
    const { values } = context
    context.values = new Map(values).set(this, value)
    return { var: this, had: values.has(this), previous: values.get(this), context }
  }

  /**
   * Puts back what was there before the `set` that gave the token.
   *
   * @throws {RangeError} if the token is of another variable, was made in another context, or was used already
   */
  reset(token: ContextToken): void {
    const context = ownContext()
    if (token.var !== this || token.context !== context)
      throw wrongValue('token', `one of ${this.name} in this context, not used yet`, token)
    token.context = null
    const values = new Map(context.values)
    if (token.had) values.set(this, token.previous)
    else values.delete(this)
    context.values = values
  }
}

/**
 * A copy of what the current greenlet sees (Python: contextvars.copy_context).
 *
 * @example
 * const before = copyContext().get(requestId)
 */
export function copyContext(): Context {
  return new Context(seenContext())
}

function seenContext(): Context | null | undefined {
  return contextOwner()?.extras?.variables
}

function ownContext(): Context {
  return (contextOwner()!.ownExtras.variables ??= new Context())
}

/** Makes what runs now see a context. Answers how to end that. */
function enter(context: Context): () => void {
  if (context.isEntered) throw new Error('Expected a context that nothing runs in yet')
  const extras = (runtime.current ?? runtime.main!).ownExtras
  const { variables } = extras
  extras.variables = context
  context.isEntered = true
  return () => {
    extras.variables = variables
    context.isEntered = false
  }
}
