import type { Socket as NetSocket } from 'node:net'
import { type Coroutine, joinall, sleep, spawn } from '@greenlit/core'
import { holdOutside, letGoOutside } from '@greenlit/core/engine'
import type { Process, Target } from '@greenlit/process'
import { reportedError } from '../../workers/error-report.ts'
import { type Message, Worker } from '../../workers/worker.ts'
import type { Job, JobDone, SendRequest } from './job.ts'

/** What comes of a child's work. */
export interface ChildEvents<R> {
  /** A handler is done; with its error, if it failed or its child has died. */
  done(request: R, job: Job, error: Error | undefined): void
  /** A child sends a datagram. */
  send(child: Worker, request: SendRequest): void
}

interface Running<R> {
  readonly request: R
  readonly job: Job
}

/** The child processes of a server. Each serves one request at a time; one that is done waits for the next. */
export class Children<R> {
  private readonly handler: Target
  private readonly events: ChildEvents<R>
  private readonly all = new Set<Worker>()
  private readonly idle: Worker[] = []
  private readonly busy = new Map<Worker, Running<R>>()
  private closed = false

  constructor(handler: Target, events: ChildEvents<R>) {
    this.handler = handler
    this.events = events
  }

  /** How many requests are being served. */
  get running(): number {
    return this.busy.size
  }

  /** The numbers of the processes that live. */
  get pids(): ReadonlySet<number> {
    return new Set([...this.all].map((child) => child.pid))
  }

  /**
   * Gives a request to a child that has none, or to a new one.
   *
   * @param sent is called once the request is the child's
   */
  serve(request: R, job: Job, socket: NetSocket | undefined, sent: () => void): void {
    for (;;) {
      const child = this.idle.pop() ?? this.start()
      // A child that has just died is not known to have before its end is told.
      if (!child.send(job, socket, sent)) continue
      this.busy.set(child, { request, job })
      holdOutside()
      return
    }
  }

  private start(): Worker {
    const child = new Worker('socketserver/forking/work', [this.handler])
    this.all.add(child)
    child.onMessage = (message) => this.told(child, message)
    child.onEnd = () => this.ended(child)
    return child
  }

  private told(child: Worker, message: Message): void {
    if (message.kind === 'send') {
      this.events.send(child, message as SendRequest)
      return
    }
    if (message.kind !== 'done') return
    const { error } = message as JobDone
    const running = this.finish(child)
    if (this.closed) child.leave()
    else this.idle.push(child)
    if (running !== undefined)
      this.events.done(running.request, running.job, error === undefined ? undefined : reportedError(error))
  }

  private ended(child: Worker): void {
    this.all.delete(child)
    const at = this.idle.indexOf(child)
    if (at >= 0) this.idle.splice(at, 1)
    const running = this.finish(child)
    if (running === undefined) return
    const { exitcode, pid } = child.process
    this.events.done(running.request, running.job, new Error(`The child process ${pid} has ended with ${exitcode}`))
  }

  private finish(child: Worker): Running<R> | undefined {
    const running = this.busy.get(child)
    if (this.busy.delete(child)) letGoOutside()
    return running
  }

  /** Ends the children that have nothing to do. */
  reap(): void {
    for (const child of this.idle.splice(0)) child.leave()
  }

  /** Lets each child end once it has nothing to do. */
  close(): void {
    this.closed = true
    this.reap()
  }

  /** Waits until all children have ended. */
  *join(): Coroutine<void> {
    while (this.all.size > 0) {
      yield* joinall([...this.all].map((child) => spawn((process: Process) => process.join(), child.process)))
      yield* sleep(0)
    }
  }
}
