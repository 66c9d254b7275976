import type { TimeLimit } from '@greenlit/core/engine'

/** The time limit of a call: its own, or else its socket's. */
export function limitOf(own: TimeLimit, socket: { readonly timeoutValue: number | undefined }): TimeLimit {
  return own === undefined ? socket.timeoutValue : own
}
