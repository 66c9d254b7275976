import { BrokenBarrierError, Empty, Full, GreenletExit, LoopExit, ShutDown, Timeout } from '@greenlit/core'
import { KeyError } from '../errors/key-error.ts'
import { BrokenPipeError, FileNotFoundError, NotADirectoryError, OSError, PermissionError } from '../errors/os-error.ts'
import { MaybeEncodingError, RemoteTraceback } from '../errors/pool-error.ts'
import { EOFError, ProcessDiedError, ProcessError, SerializationError, TimeoutError } from '../errors/process-error.ts'
import { CalledProcessError, SubprocessError, TimeoutExpired } from '../errors/subprocess-error.ts'
import { registrationNamed, registrationOf } from './registry.ts'

/** Errors that arrive as what they were. Of any other class, the nearest of these is used, under the class's own name. */
const CLASSES: Readonly<Record<string, { readonly prototype: object }>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  KeyError,
  BrokenBarrierError,
  Empty,
  Full,
  GreenletExit,
  LoopExit,
  ShutDown,
  Timeout,
  BrokenPipeError,
  FileNotFoundError,
  NotADirectoryError,
  OSError,
  PermissionError,
  EOFError,
  ProcessDiedError,
  ProcessError,
  SerializationError,
  TimeoutError,
  MaybeEncodingError,
  RemoteTraceback,
  CalledProcessError,
  SubprocessError,
  TimeoutExpired,
}

const NAMES = new Map<object, string>(Object.entries(CLASSES).map(([name, { prototype }]) => [prototype, name]))

/** An error as it is sent. */
export interface ErrorData {
  /** The nearest known class. */
  readonly base: string
  /** The name under which the error's own class is registered. */
  readonly registered: string | undefined
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Its other own properties, `cause` and `errors` among them. */
  readonly rest: Record<string, unknown>
}

/** What is sent of an error. */
export function errorData(error: Error): ErrorData {
  const rest: Record<string, unknown> = {}
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'stack' || key === 'message' || key === 'name') continue
    const value = (error as unknown as Record<string, unknown>)[key]
    // What an error drags along by accident (a socket, a function) must not keep the error from being told.
    if (typeof value !== 'function' && typeof value !== 'symbol') rest[key] = value
  }
  return {
    base: knownBase(error),
    registered: registrationOf(Object.getPrototypeOf(error) as object)?.name,
    name: String(error.name),
    message: String(error.message),
    stack: error.stack === undefined ? undefined : String(error.stack),
    rest,
  }
}

function knownBase(error: Error): string {
  for (
    let at = Object.getPrototypeOf(error) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const name = NAMES.get(at)
    if (name !== undefined) return name
  }
  return 'Error'
}

/** Makes the error that was sent; its other properties are filled in by `fillError`. */
export function errorFrom(data: ErrorData): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const error = new Error(data.message)
  Error.stackTraceLimit = limit
  const own = data.registered === undefined ? undefined : registrationNamed(data.registered)
  Object.setPrototypeOf(error, (own ?? CLASSES[data.base]!).prototype)
  if (error.name !== data.name)
    Object.defineProperty(error, 'name', { value: data.name, writable: true, configurable: true })
  Object.defineProperty(error, 'stack', { value: data.stack, writable: true, configurable: true })
  return error
}

/** Stands for the words of what has none. */
export const UNSHOWABLE = 'What was thrown cannot be shown as text'

/** What an object of somebody else's says of itself; `undefined` if asking for that throws. */
export function said(ask: () => unknown): string | undefined {
  try {
    return String(ask())
  } catch {
    return undefined
  }
}

/** What can be told of anything that was thrown: words, and of an error its name and stack too. */
export function bareError(thrown: unknown): Error {
  const error = thrown as Error
  const isError = said(() => error instanceof Error) === 'true'
  const bare = new Error(said(() => (isError ? error.message : error)) ?? UNSHOWABLE)
  const name = isError ? said(() => error.name) : undefined
  const stack = isError ? said(() => error.stack ?? bare.stack) : undefined
  if (name !== undefined) Object.defineProperty(bare, 'name', { value: name, writable: true, configurable: true })
  if (stack !== undefined) bare.stack = stack
  return bare
}

/** Puts an error's other properties where they were. */
export function fillError(error: Error, rest: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(rest))
    Object.defineProperty(error, key, {
      value,
      writable: true,
      configurable: true,
      enumerable: key !== 'cause' && key !== 'errors',
    })
}
