import { runtime } from '../engine/runtime.ts'
import { minimalIdentOf } from './minimal-ident.ts'
import { RawGreenlet } from './raw-greenlet.ts'
import { captureSpawnSite } from './spawn-site.ts'

/** What greenlets that come from one spawn of the plain program share. */
class SpawnTree {
  readonly locals: Record<string, unknown> = {}
}

/** A greenlet that knows its name and where it comes from. */
export abstract class SpawnedGreenlet extends RawGreenlet {
  /** @internal Remembers who starts it, and where: the caller of the function `above`. */
  protected rememberOrigin(above: unknown): void {
    const site = captureSpawnSite(above)
    if (site !== null) this.ownExtras.site = site
    const spawner = runtime.current
    // Only a greenlet's child shares its tree; one from the plain program begins a tree when somebody looks.
    if (spawner === null || spawner.standsForMain) return
    const { ownExtras } = spawner
    this.ownExtras.tree = ownExtras.tree ??= new SpawnTree()
    this.ownExtras.spawner = ownExtras.self ??= new WeakRef(spawner)
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

  /** Where it was spawned, as lines of a stack; `undefined` after the first 64 spawns of one batch, where looking would cost too much. */
  get spawningStack(): string | undefined {
    return this.extras?.site?.stack?.split('\n').slice(1).join('\n')
  }

  /** An object shared by all greenlets that come from the same spawn of the plain program. */
  get spawnTreeLocals(): Record<string, unknown> {
    return (this.ownExtras.tree ??= new SpawnTree()).locals
  }

  /** The greenlet that started it; `undefined` once that is collected. */
  get spawningGreenlet(): RawGreenlet | undefined {
    const spawner = this.extras?.spawner
    return (spawner ? spawner.deref() : runtime.main) as RawGreenlet | undefined
  }

  override toString(): string {
    return `<${this.constructor.name} ${this.name}>`
  }
}
