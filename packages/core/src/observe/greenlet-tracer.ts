import { currentTracer, type Tracer, useTracer } from '../engine/trace.ts'

/** One time that a tracer is on: it goes on to what was on before. */
interface Layer {
  readonly owner: GreenletTracer
  previous: Tracer | null
}

const layers = new WeakMap<Tracer, Layer>()

/** Sees each switch, beside whatever tracer there was before. Tracers may be taken off in any order, and put on again. */
export abstract class GreenletTracer {
  private trace: Tracer | null = null

  /** Is called at each switch. */
  protected abstract switched(origin: unknown, target: unknown): void

  /** Begins to see switches. */
  install(): this {
    if (this.trace !== null) return this
    const layer: Layer = { owner: this, previous: currentTracer() }
    // A function for each time: one from before may still stand below others that would lead back to it.
    const trace: Tracer = (event, greenlets) => {
      if (this.trace === trace) this.switched(greenlets[0], greenlets[1])
      layer.previous?.(event, greenlets)
    }
    layers.set(trace, layer)
    this.trace = trace
    useTracer(trace)
    return this
  }

  /** Sees no more switches. */
  uninstall(): void {
    if (this.trace === null) return
    this.trace = null
    useTracer(GreenletTracer.stillOn(currentTracer()))
  }

  /** Takes those that see no more out from among tracers; what `settrace` set hides those before it, which only fall silent. */
  private static stillOn(tracer: Tracer | null): Tracer | null {
    const layer = tracer === null ? undefined : layers.get(tracer)
    if (layer === undefined) return tracer
    layer.previous = GreenletTracer.stillOn(layer.previous)
    return layer.owner.trace === tracer ? tracer : layer.previous
  }
}
