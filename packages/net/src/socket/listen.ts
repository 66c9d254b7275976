import { type Coroutine, Event } from '@greenlit/core'
import { checkOptions, checkWhole, show } from '@greenlit/core/engine'
import { unboundAddress } from '../address/address.ts'
import { AF_UNIX } from '../constants.ts'
import { closedElsewhere, osError } from '../errors/make.ts'
import { bindStream, listenOnBound, makeServer, serverAddress } from './binding.ts'
import type { Listener } from './listener.ts'
import type { StreamDescription } from './stream-description.ts'

/** Options of `Socket.listen` besides the backlog. */
export interface ListenOptions {
  /** How many connections may queue for `accept` before new ones are reset, at least 1. Default: unlimited. */
  maxPending?: number | undefined
}

/** Validates the length of the kernel's queue. */
export function checkBacklog(backlog: unknown): number {
  if (Number.isInteger(backlog)) {
    if ((backlog as number) <= 0x7fffffff) return backlog as number
    throw new RangeError(`Expected \`backlog\` to be at most 2147483647, got ${backlog}`)
  }
  throw new TypeError(`Expected \`backlog\` to be a whole number, got ${show(backlog)}`)
}

/** Validates the options of `listen`. */
export function checkListenOptions(options: ListenOptions | undefined): ListenOptions {
  const given = checkOptions(options)
  const { maxPending } = given
  if (maxPending !== undefined && maxPending !== Infinity) checkWhole(maxPending, 'maxPending', 1)
  return given
}

/** Makes a stream socket listen. One that is not bound gets a free port on all interfaces, or fails if it needs a path. */
export function* listen(
  socket: { streamOf(): StreamDescription },
  backlog: number,
  options: ListenOptions,
): Coroutine<undefined> {
  const { maxPending } = options
  const description = socket.streamOf()
  while (description.opening !== null) yield* description.opening.wait()
  if (description.transport !== null || description.attempt !== null) throw osError('EINVAL')
  if (description.family === AF_UNIX && description.binding === null && description.listener === null) {
    throw osError('EINVAL')
  }
  description.listener ??= yield* openListener(description, backlog)
  if (maxPending !== undefined) description.listener.maxPending = maxPending
  return undefined
}

function* openListener(description: StreamDescription, backlog: number): Coroutine<Listener> {
  const opening = new Event()
  description.opening = opening
  try {
    description.binding ??= yield* bindStream(description, unboundAddress(description.family))
    let { earlyListener, handle } = description.binding.take()
    if (earlyListener === null && handle === null) {
      // An earlier call that was killed took the handle with it. Bind again, or Node would listen on an arbitrary port.
      description.binding = yield* bindStream(description, description.binding.address)
      ;({ earlyListener, handle } = description.binding.take())
    }
    const listener = earlyListener ?? (yield* listenOnBound(makeServer(), handle!, backlog))
    listener.onChange = () => description.changed()
    description.localAddress = serverAddress(description, listener)
    if (description.closed) {
      listener.close()
      throw closedElsewhere()
    }
    return listener
  } finally {
    description.opening = null
    opening.set()
  }
}
