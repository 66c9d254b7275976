import type { Socket as NetSocket, Server } from 'node:net'
import { fromCallback, type Operation } from '@greenlit/core'
import type { Message } from './worker.ts'

/** Takes each message of the parent, until it says `leave` or is gone. */
export function messagesOfParent(
  take: (message: Message, handle: NetSocket | Server | undefined) => void,
): Operation<void> {
  return fromCallback<void>((resume) => {
    const listener = (message: unknown, handle: unknown) => {
      if ((message as Message).kind === 'leave') resume()
      else take(message as Message, handle as NetSocket | Server | undefined)
    }
    process.on('message', listener)
    process.on('disconnect', () => resume())
    return () => process.off('message', listener)
  })
}

/** Tells the parent something. */
export function tellParent(message: Message): void {
  if (process.connected) process.send!(message, undefined, {}, () => {})
}
