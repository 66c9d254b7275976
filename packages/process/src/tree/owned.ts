import type { Payload } from '../codec/payload.ts'

/** Somebody, in this process or another, who waits for an answer. */
export interface Asker {
  /** The process that asks, as a place in the tree. */
  readonly node: string
  /**
   * Answers.
   *
   * @returns whether the answer was taken; if not, it is still the owner's
   */
  answer(value?: unknown, payload?: Payload): boolean
  /** Answers with an error. */
  fail(error: unknown): boolean
}

/** The real thing behind a shared object, in the process that owns it. Views of it, here or elsewhere, ask it. */
export interface Owned {
  /** Answers at once, or keeps the asker and answers later. */
  ask(asker: Asker, method: string, args: readonly unknown[], payload: Payload | undefined): void
  /** An asker has given up. */
  leave(asker: Asker): void
  /**
   * An answer came too late, and nobody has it: what it gave is the owner's again.
   *
   * @param order which of the answers to that process it was: a lower number came first
   */
  undo(node: string, method: string, value: unknown, payload: Payload | undefined, order: number): void
  /** A process, and all those below it, are gone. */
  forget(isLost: (node: string) => boolean): void
}
