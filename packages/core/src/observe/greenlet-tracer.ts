import { currentTracer, type Tracer, useTracer } from '../engine/trace.ts'

/**
 * Sees each switch, beside whatever tracer there was before: tracers nest like blocks, and one that is taken off out of turn
 * only falls silent.
 */
export abstract class GreenletTracer {
  private previous: Tracer | null = null
  private installed = false

  /** Is called at each switch. */
  protected abstract switched(origin: unknown, target: unknown): void

  /** Begins to see switches. */
  install(): this {
    if (this.installed) return this
    this.installed = true
    this.previous = currentTracer()
    useTracer(this.trace)
    return this
  }

  /** Sees no more switches. */
  uninstall(): void {
    if (!this.installed) return
    this.installed = false
    if (currentTracer() === this.trace) useTracer(this.previous)
  }

  private readonly trace: Tracer = (event, greenlets) => {
    if (this.installed) this.switched(greenlets[0], greenlets[1])
    this.previous?.(event, greenlets)
  }
}
