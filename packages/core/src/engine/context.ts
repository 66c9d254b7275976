import { checkCallable, checkOptions, wrongType, wrongValue } from './check.ts'
import { contextOwner } from './inherited-context.ts'
import { OperationBase } from './operation.ts'
import { runtime } from './runtime.ts'
import { drive } from './start.ts'
import { isResumable, type Operation, type Resumable, type Suspension } from './suspension.ts'

/** The result of `Context.run`: for a coroutine an operation that runs it, otherwise what the function returned. */
export type RunResult<R> = R extends Generator<Suspension, infer T, unknown> ? Operation<T> : R

/**
 * A set of context variables and their values, as one greenlet sees them (Python: contextvars.Context).
 *
 * @example
 * const context = copyContext()
 * worker.context = context // before it starts
 */
export class Context {
  /** @internal Never modified in place, so that a copy is free. */
  values: ReadonlyMap<unknown, unknown>
  /** @internal Whether a `run` in this context is in progress. */
  isEntered = false

  /** @param source the context to copy; default an empty one */
  constructor(source?: Context | null) {
    this.values = source?.values ?? new Map()
  }

  /** The number of variables that have a value here. */
  get size(): number {
    return this.values.size
  }

  /** Whether the variable has a value here. */
  has(variable: ContextVar<unknown>): boolean {
    return this.values.has(variable)
  }

  /**
   * Returns the variable's value here (Python: Context.get).
   *
   * @param fallback returned if the variable has no value; default `undefined`
   */
  get<T>(variable: ContextVar<T>): T | undefined
  get<T, F>(variable: ContextVar<T>, fallback: F): T | F
  get(variable: ContextVar<unknown>, fallback?: unknown): unknown {
    return this.values.has(variable) ? this.values.get(variable) : fallback
  }

  /** Iterates over the variables that have a value here, each with its value. */
  [Symbol.iterator](): IterableIterator<[variable: ContextVar<unknown>, value: unknown]> {
    return this.values.entries() as IterableIterator<[ContextVar<unknown>, unknown]>
  }

  /** Returns a copy; what is set in either later does not show in the other. */
  copy(): Context {
    return new Context(this)
  }

  /**
   * Calls a function that sees and sets the variables of this context (contextvars: Context.run). A coroutine sees them to its
   * end; the other greenlets keep seeing their own meanwhile.
   *
   * @param fn a function, or a coroutine function
   * @param args its arguments
   * @returns what `fn` returns; for a coroutine or an operation, an operation that runs it
   * @throws {Error} if something already runs in this context; {TypeError} at once, if `fn` is not a function
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
      return (isResumable(result) ? Object.assign(runIn(this, result), { then }) : result) as RunResult<R>
    } finally {
      leave()
    }
  }
}

const { then } = OperationBase.prototype

/** Runs a coroutine in a context. */
function* runIn(context: Context, coroutine: Resumable): Generator<Suspension, unknown, unknown> {
  const leave = enter(context)
  try {
    return yield* drive(coroutine)
  } finally {
    leave()
  }
}

/** Undoes one `set`; see `ContextVar.reset` (Python: contextvars.Token). */
export interface Token {
  /** The variable that was set (contextvars: Token.var). */
  readonly var: ContextVar<unknown>
  /** Whether the variable had a value before. */
  readonly had: boolean
  /** The previous value. */
  readonly previous: unknown
  /** @internal The context it was set in; `null` once the token is used. */
  context: Context | null
}

/**
 * A variable with a value of its own in each greenlet (Python: contextvars.ContextVar). A new greenlet sees a copy of what its
 * creator sees; see `hub.inherit`.
 *
 * @example
 * const requestId = new ContextVar<number>('requestId', { default: 0 })
 * requestId.set(7)
 * yield* spawn(function* () { return requestId.get() }) // 7
 */
export class ContextVar<T> {
  /** The name, for messages. */
  readonly name: string
  private readonly options: { default?: T }

  /**
   * @param name the name, for messages
   * @param options `default`: returned by `get` while nothing is set
   * @throws {TypeError} if `name` is not a string
   */
  constructor(name: string, options?: { default?: T }) {
    if (typeof name !== 'string') throw wrongType('name', 'a string', name)
    this.name = name
    this.options = checkOptions(options)
  }

  /**
   * Returns the value in the current greenlet.
   *
   * @param fallback returned if no value is set, in preference to the variable's default
   * @throws {RangeError} if there is no value, fallback or default (Python: LookupError)
   */
  get(...fallback: [value: T] | []): T {
    const values = seenContext()?.values
    if (values?.has(this)) return values.get(this) as T
    if (fallback.length > 0) return fallback[0] as T
    if ('default' in this.options) return this.options.default as T
    throw new RangeError(`Expected the context variable ${this.name} to be set`)
  }

  /** Sets the value in the current greenlet and returns a token for `reset`. */
  set(value: T): Token {
    const context = ownContext()
    const { values } = context
    context.values = new Map(values).set(this, value)
    return { var: this, had: values.has(this), previous: values.get(this), context }
  }

  /**
   * Restores what was there before the `set` that returned the token.
   *
   * @throws {RangeError} if the token belongs to another variable or another context, or was already used
   */
  reset(token: Token): void {
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
 * Returns a copy of the context that the current greenlet sees (Python: contextvars.copy_context).
 *
 * @example
 * const before = copyContext().get(requestId)
 */
export function copyContext(): Context {
  return new Context(seenContext())
}

function seenContext(): Context | null | undefined {
  return contextOwner()?._extras?.variables
}

function ownContext(): Context {
  return (contextOwner()!._own.variables ??= new Context())
}

/** Makes the running code see a context. Returns a function that ends that. */
function enter(context: Context): () => void {
  if (context.isEntered) throw new Error('Expected a context that is not entered')
  const extras = (runtime.current ?? runtime.main!)._own
  const { variables } = extras
  extras.variables = context
  context.isEntered = true
  return () => {
    extras.variables = variables
    context.isEntered = false
  }
}
