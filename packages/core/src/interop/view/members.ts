import { Call } from '../../engine/call.ts'
import type { Operation, Suspension } from '../../engine/suspension.ts'
import { fromCallback } from '../from-callback.ts'
import { AsyncItems } from '../iterate.ts'
import { type EmitterLike, type EventTargetLike, once } from '../once.ts'

type Wrap = (value: unknown) => unknown
type Anything = Record<string | symbol, unknown>

interface ReadableStream {
  on(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
  read(size?: number): unknown
  readonly readableEnded: boolean
  readonly destroyed: boolean
  readonly errored?: unknown
}

/**
 * The members that a view adds to its target or replaces, by name: blocking reads. `undefined` where the target's own member
 * serves.
 */
export function blockingMember(target: object, key: string | symbol, wrap: Wrap): unknown {
  const thing = target as Anything
  const has = (name: string | symbol) => typeof thing[name] === 'function'
  switch (key) {
    case 'once': {
      if (!has('removeListener') && !has('addEventListener')) return undefined
      return (event: string, ...rest: unknown[]) =>
        rest.length > 0
          ? wrap(Reflect.apply(thing.once as () => unknown, target, [event, ...rest]))
          : nextEvent(target, event, wrap)
    }
    case 'read':
      if (!has('read') || thing.readableEnded === undefined) return undefined
      return (size?: number) =>
        new Call<[ReadableStream, number | undefined], unknown>(read, [target as ReadableStream, size])
    case 'iterate':
      if (key in thing || !has(Symbol.asyncIterator)) return undefined
      return () => new AsyncItems(target as AsyncIterable<unknown>, wrap)
    default:
      return undefined
  }
}

function nextEvent(target: object, event: string, wrap: Wrap): Operation<unknown[]> {
  return new Call<[], unknown[]>(function* (): Generator<Suspension, unknown[], unknown> {
    return (yield* once(target as EmitterLike & EventTargetLike, event)).map(wrap)
  }, [])
}

/** Reads the next chunk of a stream in paused mode; `undefined` at its end. */
function* read(stream: ReadableStream, size: number | undefined): Generator<Suspension, unknown, unknown> {
  for (;;) {
    const chunk = stream.read(size)
    if (chunk !== null) return chunk
    if (stream.errored) throw stream.errored
    if (stream.readableEnded || stream.destroyed) return undefined
    yield* fromCallback((resume) => {
      const woken = () => {
        forListeners('removeListener')
        resume()
      }
      const forListeners = (method: 'on' | 'removeListener') => {
        for (const event of ['readable', 'end', 'close', 'error']) stream[method](event, woken)
      }
      forListeners('on')
      return () => forListeners('removeListener')
    })
  }
}
