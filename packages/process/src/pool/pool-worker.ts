import type { Payload } from '../codec/payload.ts'
import type { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import { tree } from '../tree/tree.ts'
import type { Outcome } from './outcome.ts'
import type { CallMode } from './worker.ts'

/** A unit of work for one worker. */
export interface Task {
  readonly target: CheckedTarget
  readonly mode: CallMode
  /**
   * How often it may be handed to another worker when one dies. Below 0 it is not handed on even if the dead worker had not begun
   * it.
   */
  retries: number
  /** The encoded arguments; may throw. */
  payload(): Payload
  /** Releases the encoded arguments: no other worker gets them. */
  releasePayload(): void
  /** Receives the outcomes, once. */
  onEnd(outcomes: readonly Outcome[]): void
}

/** A worker process, which runs one task at a time. */
export class PoolWorker {
  readonly process: Process
  task: Task | undefined = undefined
  /** The function that it called last. */
  target: CheckedTarget | undefined = undefined
  begun = 0
  isReady = false
  isStopped = false
  /** When it last became idle. */
  idleSince = 0
  /** Stops it when it has been idle for too long. */
  timer: NodeJS.Timeout | undefined = undefined

  constructor(process: Process) {
    this.process = process
  }

  /** Sends it a task. The function is named only if it is not the one called last. */
  begin(task: Task): void {
    const { target, mode } = task
    tree.note(this.process.node, target === this.target ? [mode] : [mode, target.module, target.export], task.payload())
    this.target = target
    this.task = task
    this.begun += 1
  }
}
