import type { Execution } from '../engine/execution.ts'
import { runtime } from '../engine/runtime.ts'
import { minimalIdentOf } from './minimal-ident.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'
import { captureSpawnSite } from './spawn-site.ts'

/** What a greenlet passes on to the greenlets it spawns: one object shared by all of them. */
export class Lineage {
  /** A weak reference: a long chain of greenlets would otherwise keep all its ancestors alive. */
  readonly spawner: WeakRef<Execution>
  /** Shared by all greenlets that descend from one spawn of the plain program. */
  readonly locals: Record<string, unknown>

  constructor(spawner: Execution) {
    this.spawner = new WeakRef(spawner)
    this.locals = (spawner as Partial<SpawnedGreenlet>).lineage?.locals ?? {}
  }
}

function lineageFrom(spawner: Execution): Lineage {
  return (spawner._own.lineage ??= new Lineage(spawner))
}

/** A greenlet that has a name and knows where it comes from. */
export abstract class SpawnedGreenlet extends RawGreenlet {
  /** @internal What it inherits from its creator, if that is a greenlet. */
  lineage: Lineage | null

  constructor(run: GreenletFunction | undefined, parent: RawGreenlet) {
    super(run, parent)
    const maker = runtime.current
    this.lineage = maker === null || maker._isMain ? null : lineageFrom(maker)
  }

  /** @internal Records where it is started, unless that is known: at the caller of the function `above`. */
  protected _origin(above: unknown): void {
    if (this._extras === null || this._extras.site === null) {
      const site = captureSpawnSite(above)
      if (site !== null) this._own.site = site
    }
  }

  /** A small integer that no other living greenlet has, assigned on first use and reused once the greenlet has been collected. */
  get minimalIdent(): number {
    return minimalIdentOf(this)
  }

  /** Its name in reports; default 'Greenlet-' and the minimal ident. */
  get name(): string {
    return this._extras?.name ?? `Greenlet-${this.minimalIdent}`
  }

  set name(name: string) {
    this._own.name = name
  }

  /**
   * Where the greenlet was spawned, as lines of a stack; `undefined` where capturing it would cost too much: beyond 128 live
   * greenlets, and for all but 100 spawns a second after the first 10,000. Also `undefined` once the greenlet has ended well.
   */
  get spawningStack(): string | undefined {
    return this._extras?.site?.().slice(1)
  }

  /** An object shared by all greenlets that descend from the same spawn of the plain program. */
  get spawnTreeLocals(): Record<string, unknown> {
    return (this.lineage ?? lineageFrom(this)).locals
  }

  /** The greenlet that created this one; `undefined` once that one has been collected. */
  get spawningGreenlet(): RawGreenlet | undefined {
    return (this.lineage === null ? runtime.main : this.lineage.spawner.deref()) as RawGreenlet | undefined
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.name}>`
  }
}
