import type { Payload } from '../codec/payload.ts'
import type { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import { tree } from '../tree/tree.ts'
import type { Outcome } from './outcome.ts'
import type { How } from './worker.ts'

/** A piece of work for one worker. */
export interface Task {
  readonly target: CheckedTarget
  readonly how: How
  /** How often it may be given to another worker after the death of one; below 0 not even if that one had not begun it. */
  retries: number
  /** What goes with it; may throw. */
  payload(): Payload
  /** Lets go of what was to go with it: nobody else gets it. */
  letGo(): void
  /** Takes what came of it, once. */
  onEnd(outcomes: readonly Outcome[]): void
}

/** A process that does one task at a time. */
export class CrewWorker {
  readonly process: Process
  task: Task | undefined = undefined
  /** What it called last. */
  target: CheckedTarget | undefined = undefined
  begun = 0
  isReady = false
  isStopped = false
  /** Since when it has had nothing to do. */
  idleSince = 0
  /** Ends it for want of work. */
  timer: NodeJS.Timeout | undefined = undefined

  constructor(process: Process) {
    this.process = process
  }

  /** Gives it a task, which must be told only what to call that it did not call last. */
  begin(task: Task): void {
    const { target, how } = task
    tree.note(this.process.node, target === this.target ? [how] : [how, target.module, target.export], task.payload())
    this.target = target
    this.task = task
    this.begun += 1
  }
}
