import type { Coroutine } from '@greenlit/core'
import { unboundAddress } from '../address/address.ts'
import { checkCount } from '../check-count.ts'
import { osError } from '../errors/make.ts'
import { bindStream, listenOnBound, makeServer, serverAddress } from './binding.ts'
import type { StreamDescription } from './stream-description.ts'

/** What a listener may be given beside the backlog. */
export interface ListenOptions {
  /** How many connections may wait for `accept` before the newest are reset, from 1 up. Default: no end. */
  maxPending?: number
}

/** Checks what a listener is given. */
export function checkListenOptions(options: ListenOptions): ListenOptions {
  const { maxPending } = options
  if (maxPending !== undefined && maxPending !== Infinity) checkCount(maxPending, 'maxPending')
  return options
}

/** Makes a stream socket listen; one that is not bound gets a port of its own. */
export function* listen(
  socket: { streamOf(): StreamDescription },
  backlog: number,
  options: ListenOptions,
): Coroutine<undefined> {
  const { maxPending } = options
  const description = socket.streamOf()
  if (description.transport !== null || description.attempt !== null) throw osError('EINVAL')
  if (description.listener === null) {
    description.binding ??= yield* bindStream(description, unboundAddress(description.family))
    const { early, handle } = description.binding.take()
    const listener = early ?? (yield* listenOnBound(makeServer(), handle!, backlog))
    listener.onChange = () => description.changed()
    description.listener = listener
    description.localAddress = serverAddress(description, listener)
    if (description.closed) {
      listener.close()
      throw osError('EBADF', 'File descriptor was closed in another greenlet')
    }
  }
  if (maxPending !== undefined) description.listener.maxPending = maxPending
  return undefined
}
