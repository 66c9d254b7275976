import {
  BlockingSwitchOutError,
  BrokenBarrierError,
  ConcurrentObjectUseError,
  Empty,
  FatalError,
  Full,
  GreenletExit,
  InvalidSwitchError,
  LoopExit,
  PoolFull,
  ShutDown,
  Timeout,
} from '@greenlit/core'
import {
  BrokenExecutor,
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  InvalidStateError,
  RuntimeError,
} from '../errors/future-error.ts'
import { KeyError } from '../errors/key-error.ts'
import { BrokenPipeError, FileNotFoundError, NotADirectoryError, OSError, PermissionError } from '../errors/os-error.ts'
import { MaybeEncodingError, RemoteTraceback } from '../errors/pool-error.ts'
import {
  BufferTooShort,
  EOFError,
  ProcessDiedError,
  ProcessError,
  SerializationError,
  TimeoutError,
} from '../errors/process-error.ts'
import { CalledProcessError, SubprocessError, TimeoutExpired } from '../errors/subprocess-error.ts'
import { registrationNamed, registrationOf } from './registry.ts'

/**
 * The errors that keep their class when sent, as errors of registered classes do. One of any other class arrives as an instance of its
 * nearest base class here, with its own `name`.
 */
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
  BlockingSwitchOutError,
  BrokenBarrierError,
  ConcurrentObjectUseError,
  Empty,
  FatalError,
  Full,
  GreenletExit,
  InvalidSwitchError,
  LoopExit,
  PoolFull,
  ShutDown,
  Timeout,
  BrokenPipeError,
  FileNotFoundError,
  NotADirectoryError,
  OSError,
  PermissionError,
  BufferTooShort,
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
  BrokenExecutor,
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  InvalidStateError,
  RuntimeError,
}

const NAMES = new Map<object, string>(Object.entries(CLASSES).map(([name, { prototype }]) => [prototype, name]))

/** The encoded form of an error. */
export interface ErrorData {
  /** The name of the nearest class in `CLASSES`. */
  readonly base: string
  /** The name under which the error's own class is registered. */
  readonly registered: string | undefined
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Its other own properties, including `cause` and `errors`. */
  readonly rest: Record<string, unknown>
}

/** Encodes an error. */
export function errorData(error: Error): ErrorData {
  const rest: Record<string, unknown> = {}
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'stack' || key === 'message' || key === 'name') continue
    const value = (error as unknown as Record<string, unknown>)[key]
    // A function or symbol that happens to be attached must not keep the error from being reported.
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

/** Makes the error without its other properties, which `fillError` adds. */
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

/** The message of a thrown value that cannot be converted to a string. */
export const UNSHOWABLE = 'What was thrown cannot be shown as text'

/** Converts what a foreign object returns to a string; `undefined` if that throws. */
export function tryString(ask: () => unknown): string | undefined {
  try {
    return String(ask())
  } catch {
    return undefined
  }
}

/** Makes an error from any thrown value that can surely be sent: its message, and the name and stack if it is an error. */
export function bareError(thrown: unknown): Error {
  const error = thrown as Error
  const isError = tryString(() => error instanceof Error) === 'true'
  const bare = new Error(tryString(() => (isError ? error.message : error)) ?? UNSHOWABLE)
  const name = isError ? tryString(() => error.name) : undefined
  const stack = isError ? tryString(() => error.stack ?? bare.stack) : undefined
  if (name !== undefined) Object.defineProperty(bare, 'name', { value: name, writable: true, configurable: true })
  if (stack !== undefined) bare.stack = stack
  return bare
}

/** Restores an error's other properties. */
export function fillError(error: Error, rest: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(rest))
    Object.defineProperty(error, key, {
      value,
      writable: true,
      configurable: true,
      enumerable: key !== 'cause' && key !== 'errors',
    })
}
