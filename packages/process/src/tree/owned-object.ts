import type { Payload } from '../codec/payload.ts'

/** A caller, in this process or another, that waits for a reply. */
export interface Asker {
  /** The process of the caller, by its id in the tree. */
  readonly node: string
  /** Whether it takes the next item of the object. It may then be given one that arrived for a call that was given up. */
  readonly takesNext?: boolean
  /**
   * Replies.
   *
   * @param order the number of the reply, if it has one already
   * @returns whether the reply was accepted; if not, what it held still belongs to the owner
   */
  answer(value?: unknown, payload?: Payload, order?: number): boolean
  /** Replies with an error. Returns whether the reply was accepted. */
  fail(error: unknown): boolean
  /** The time limit that was sent to the owner has expired there. */
  expired?(): void
}

/** The object behind a shared object, in the process that owns it. Its proxies, in this process or others, send it their calls. */
export interface OwnedObject {
  /** Handles a call: replies at once, or keeps the asker and replies later. */
  ask(asker: Asker, method: string, args: readonly unknown[], payload: Payload | undefined): void
  /** Called when an asker has given up. */
  leave(asker: Asker): void
  /**
   * Called when a reply came too late to be delivered: what it held belongs to the owner again.
   *
   * @param order the number of the reply among those to that process: a lower number was received earlier
   * @param latest the number of the last reply that it had received by then. Default: that of the current process
   */
  undo(node: string, method: string, value: unknown, payload: Payload | undefined, order: number, latest?: number): void
  /** Called when a process, and with it all of its descendants, has ended. */
  forget(isLost: (node: string) => boolean): void
}
