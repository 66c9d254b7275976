import { runtime } from '../engine/runtime.ts'
import { currentTracer, type Tracer, useTracer } from '../engine/trace.ts'

/** One installation of a tracer. It calls on to the tracer that was installed before. */
interface Layer {
  readonly owner: GreenletTracer
  previous: Tracer | null
}

const layers = new WeakMap<Tracer, Layer>()

/** Observes each switch, in addition to any earlier tracer. Tracers may be uninstalled in any order, and installed again. */
export abstract class GreenletTracer {
  private static installed = 0
  private trace: Tracer | null = null

  /** Called at each switch. */
  protected abstract switched(origin: unknown, target: unknown): void

  /** Starts observing switches. */
  install(): this {
    if (this.trace !== null) return this
    const layer: Layer = { owner: this, previous: currentTracer() }
    // A new function for each installation: an earlier one may still be linked below other tracers, and reusing it would make a cycle.
    const trace: Tracer = (event, greenlets) => {
      if (this.trace === trace) this.switched(greenlets[0], greenlets[1])
      layer.previous?.(event, greenlets)
    }
    layers.set(trace, layer)
    this.trace = trace
    GreenletTracer.count(1)
    useTracer(trace)
    return this
  }

  /** Stops observing switches. */
  uninstall(): void {
    if (this.trace === null) return
    this.trace = null
    GreenletTracer.count(-1)
    useTracer(GreenletTracer.pruneUninstalled(currentTracer()))
  }

  private static count(change: number): void {
    GreenletTracer.installed += change
    runtime.tracesEnds = GreenletTracer.installed > 0
  }

  /**
   * Drops uninstalled tracers from the chain that starts with `tracer`. A function set with `settrace` ends the chain; uninstalled
   * tracers behind it cannot be dropped, but do nothing when called.
   */
  private static pruneUninstalled(tracer: Tracer | null): Tracer | null {
    const layer = tracer === null ? undefined : layers.get(tracer)
    if (layer === undefined) return tracer
    layer.previous = GreenletTracer.pruneUninstalled(layer.previous)
    return layer.owner.trace === tracer ? tracer : layer.previous
  }
}
