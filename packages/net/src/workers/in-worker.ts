import type { Socket as NetSocket, Server } from 'node:net'
import { fromCallback, type Operation } from '@greenlit/core'
import { HELLO, type Message } from './worker.ts'

/** Takes each message of the parent, until it says `leave`, which is given, or is gone. */
export function messagesOfParent(
  take: (message: Message, handle: NetSocket | Server | undefined) => void,
): Operation<Message | undefined> {
  return fromCallback<Message | undefined>((resume) => {
    const listener = (message: unknown, handle: unknown) => {
      if ((message as Message).kind === 'leave') resume(undefined, message as Message)
      else take(message as Message, handle as NetSocket | Server | undefined)
    }
    process.on('message', listener)
    process.on('disconnect', () => resume())
    // Ctrl+C reaches the whole group: the parent says when to leave.
    process.on('SIGINT', () => {})
    tellParent(HELLO)
    return () => process.off('message', listener)
  })
}

/** Tells the parent something. */
export function tellParent(message: Message): void {
  if (process.connected) process.send!(message, undefined, {}, () => {})
}
