import { type Runtime, runtime } from '../engine/runtime.ts'

type TraceCallback = NonNullable<Runtime['tracer']>

/**
 * Sees each switch, beside whatever tracer there was before: tracers nest like blocks, and one that is taken off out of turn
 * only falls silent.
 */
export abstract class GreenletTracer {
  private previous: TraceCallback | null = null
  private installed = false

  /** Is called at each switch. */
  protected abstract switched(origin: unknown, target: unknown): void

  /** Begins to see switches. */
  install(): this {
    if (this.installed) return this
    this.installed = true
    this.previous = runtime.tracer
    runtime.tracer = this.trace
    return this
  }

  /** Sees no more switches. */
  uninstall(): void {
    if (!this.installed) return
    this.installed = false
    if (runtime.tracer === this.trace) runtime.tracer = this.previous
  }

  private readonly trace: TraceCallback = (event, greenlets) => {
    if (this.installed) this.switched(greenlets[0], greenlets[1])
    this.previous?.(event, greenlets)
  }
}
