import { checkOptions, wrongType } from './check.ts'
import { runtime } from './runtime.ts'

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

  /** @param source what to copy; default nothing */
  constructor(source?: Context) {
    this.values = source === undefined ? new Map() : source.values
  }

  /** How many variables have a value here. */
  get size(): number {
    return this.values.size
  }

  /** Whether the variable has a value here. */
  has(variable: ContextVar<unknown>): boolean {
    return this.values.has(variable)
  }

  /** The variable's value here, or `undefined`. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this.values.get(variable) as T | undefined
  }

  /** A copy; what is set in either later does not show in the other. */
  copy(): Context {
    return new Context(this)
  }
}

/** Takes a set value back; see `ContextVar.reset`. */
export interface ContextToken {
  /** Whether the variable had a value before. */
  readonly had: boolean
  /** The value before. */
  readonly previous: unknown
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
  private readonly hasDefault: boolean
  private readonly defaultValue: T | undefined

  /**
   * @param name what it is called, for messages
   * @param options `default`: what `get` gives while nothing is set
   * @throws {TypeError} if `name` is no string
   */
  constructor(name: string, options: { default?: T } = {}) {
    if (typeof name !== 'string') throw wrongType('name', 'a string', name)
    checkOptions(options)
    this.name = name
    this.hasDefault = 'default' in options
    this.defaultValue = options.default
  }

  /**
   * The value in the current greenlet.
   *
   * @param fallback what to give if none is set, before the variable's default
   * @throws {RangeError} if there is neither (Python: LookupError)
   */
  get(...fallback: [value: T] | []): T {
    const values = contextOwner()?.extras?.variables?.values
    if (values?.has(this)) return values.get(this) as T
    if (fallback.length > 0) return fallback[0] as T
    if (this.hasDefault) return this.defaultValue as T
    throw new RangeError(`Expected the context variable ${this.name} to be set, or to have a default`)
  }

  /** Sets the value in the current greenlet; returns what `reset` takes. */
  set(value: T): ContextToken {
    const context = ownContext()
    const token = { had: context.values.has(this), previous: context.values.get(this) }
    context.values = new Map(context.values).set(this, value)
    return token
  }

  /** Puts back what was there before the `set` that gave the token. */
  reset(token: ContextToken): void {
    const context = ownContext()
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
  return new Context(contextOwner()?.extras?.variables ?? undefined)
}

/** What a new greenlet is to see, by the hub's rule of inheritance; `null` while there is nothing to see. */
export function inheritedContext(): Context | null {
  if (runtime.inherit === 'share') return ownContext()
  const source = contextOwner()?.extras?.variables ?? null
  return source === null || runtime.inherit === 'empty' ? null : new Context(source)
}

function contextOwner() {
  const execution = runtime.current
  return execution === null || execution.standsForMain ? runtime.main : execution
}

const withoutGreenlets = new Context()

function ownContext(): Context {
  const owner = contextOwner()
  if (owner === null) return withoutGreenlets
  return (owner.ownExtras.variables ??= new Context())
}
