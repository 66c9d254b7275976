import type { Payload } from '../codec/payload.ts'
import type { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { Outcome } from './outcome.ts'
import type { How } from './worker.ts'

/** A piece of work for one worker. */
export interface Task {
  readonly target: CheckedTarget
  readonly how: How
  readonly items: Payload
  /** How often it may be given to another worker after the death of one. */
  retries: number
  /** Takes what came of it, once. */
  readonly onEnd: (outcomes: readonly Outcome[]) => void
}

/** A process that does one task at a time. */
export class CrewWorker {
  readonly process: Process
  task: Task | undefined = undefined
  begun = 0
  isReady = false
  isStopped = false
  /** Ends it for want of work. */
  timer: NodeJS.Timeout | undefined = undefined

  constructor(process: Process) {
    this.process = process
  }
}
