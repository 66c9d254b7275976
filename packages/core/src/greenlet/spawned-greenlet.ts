import type { Execution } from '../engine/execution.ts'
import { runtime } from '../engine/runtime.ts'
import { minimalIdentOf } from './minimal-ident.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'
import { captureSpawnSite } from './spawn-site.ts'

/** What a greenlet hands to those that it spawns: one object for all of them. */
export class Lineage {
  /** Does not keep the spawner: a long line of greenlets would keep all its ancestors. */
  readonly spawner: WeakRef<Execution>
  /** What greenlets that come from one spawn of the plain program share. */
  readonly locals: Record<string, unknown>

  constructor(spawner: Execution) {
    this.spawner = new WeakRef(spawner)
    this.locals = (spawner as Partial<SpawnedGreenlet>).lineage?.locals ?? {}
  }
}

function lineageFrom(spawner: Execution): Lineage {
  return (spawner.ownExtras.lineage ??= new Lineage(spawner))
}

/** A greenlet that knows its name and where it comes from. */
export abstract class SpawnedGreenlet extends RawGreenlet {
  /** @internal What it has from its maker, if that is a greenlet. */
  lineage: Lineage | null

  constructor(run: GreenletFunction | undefined, parent: RawGreenlet) {
    super(run, parent)
    const maker = runtime.current
    this.lineage = maker === null || maker.standsForMain ? null : lineageFrom(maker)
  }

  /** @internal Remembers where it is started, unless that is known: by the caller of the function `above`. */
  protected rememberOrigin(above: unknown): void {
    if (this.extras === null || this.extras.site === null) {
      const site = captureSpawnSite(above)
      if (site !== null) this.ownExtras.site = site
    }
  }

  /** A small whole number of its own among the living, given at first use and used again after its end. */
  get minimalIdent(): number {
    return minimalIdentOf(this)
  }

  /** What it is called in reports; default 'Greenlet-' and its minimal ident. */
  get name(): string {
    return this.extras?.name ?? `Greenlet-${this.minimalIdent}`
  }

  set name(name: string) {
    this.ownExtras.name = name
  }

  /**
   * Where it was spawned, as lines of a stack; `undefined` where looking would cost too much: beyond 128 living greenlets, and for
   * all but 100 spawns a second after the first 10,000. Also once it has ended well.
   */
  get spawningStack(): string | undefined {
    const stack = this.extras?.site?.stack
    return stack?.slice(stack.indexOf('\n') + 1)
  }

  /** An object shared by all greenlets that come from the same spawn of the plain program. */
  get spawnTreeLocals(): Record<string, unknown> {
    return (this.lineage ?? lineageFrom(this)).locals
  }

  /** The greenlet that made it; `undefined` once that is collected. */
  get spawningGreenlet(): RawGreenlet | undefined {
    return (this.lineage === null ? runtime.main : this.lineage.spawner.deref()) as RawGreenlet | undefined
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.name}>`
  }
}
