import { checkOptions } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'
import { PARKED, UNSTARTED } from '../engine/states.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import { enumerate } from '../greenlet/live.ts'
import { getcurrent, type RawGreenlet } from '../greenlet/raw-greenlet.ts'
import { executionsOf, suspensionSites } from './suspension-sites.ts'

/** How much a tree tells of each greenlet. */
export interface TreeFormatOptions {
  /** Whether to tell more than name and state: where it waits, where it was spawned, its spawn tree's locals. Default true. */
  details?: boolean
}

type Sites = ReturnType<typeof suspensionSites>

interface Place {
  readonly tree: GreenletTree
  readonly first: string
  readonly rest: string
}

/**
 * The greenlets that are alive, each below the one that spawned it (gevent.util: GreenletTree). One that has ended stays in the tree
 * while those that it spawned live and it has not been collected.
 *
 * @example
 * for (const tree of GreenletTree.forest()) console.log(tree.format())
 */
export class GreenletTree {
  /** The greenlet at its root. */
  readonly greenlet: RawGreenlet
  /** What it spawned, oldest first. */
  readonly childTrees: GreenletTree[] = []

  /** @internal Made by `forest`. */
  constructor(greenlet: RawGreenlet) {
    this.greenlet = greenlet
  }

  /** All trees: first the one of the plain program, then those whose spawner is gone. */
  static forest(): GreenletTree[] {
    const main = new GreenletTree(runtime.main as RawGreenlet)
    const roots = [main]
    const trees = new Map<RawGreenlet, GreenletTree>([[main.greenlet, main]])
    const plant = (planted: RawGreenlet): void => {
      let greenlet = planted
      let child: GreenletTree | undefined
      while (!trees.has(greenlet)) {
        const tree = new GreenletTree(greenlet)
        if (child !== undefined) tree.childTrees.push(child)
        trees.set(greenlet, tree)
        const spawner = greenlet instanceof Greenlet ? greenlet.spawningGreenlet : greenlet.parent
        if (spawner === undefined) {
          roots.push(tree)
          return
        }
        child = tree
        greenlet = spawner
      }
      if (child !== undefined) trees.get(greenlet)!.childTrees.push(child)
    }
    if (runtime.hub !== null) plant(runtime.hub as RawGreenlet)
    for (const greenlet of enumerate()) plant(greenlet)
    plant(getcurrent())
    return roots
  }

  /** The tree that the current greenlet stands in. */
  static currentTree(): GreenletTree {
    const current = getcurrent()
    return GreenletTree.forest().find((tree) => tree.has(current))!
  }

  /** Whether a greenlet stands in the tree. */
  has(greenlet: RawGreenlet): boolean {
    return this.walk().some((place) => place.tree.greenlet === greenlet)
  }

  /** The tree as text. */
  format(options?: TreeFormatOptions): string {
    return this.formatLines(options).join('\n')
  }

  /** The tree as lines of text. */
  formatLines(options?: TreeFormatOptions): string[] {
    const { details = true } = checkOptions(options)
    const places = this.walk()
    const sites = details ? suspensionSites(places.map((place) => place.tree.greenlet)) : undefined
    return places.flatMap(({ tree, first, rest }) => {
      const line = `${first}${tree.greenlet}; ${stateOf(tree.greenlet)}`
      if (sites === undefined) return [line]
      const stem = `${rest}${tree.childTrees.length > 0 ? '|' : ' '}    `
      return [line, ...detailsOf(tree.greenlet, sites).map((detail) => `${stem}${detail}`)]
    })
  }

  /** The tree as text, a line for each greenlet. */
  toString(): string {
    return this.format({ details: false })
  }

  /** All places of the tree from the top down, with what stands before the first and the other lines of each. */
  private walk(): Place[] {
    const places: Place[] = []
    const open: Place[] = [{ tree: this, first: '', rest: '' }]
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      places.push(place)
      const { rest } = place
      const children = place.tree.childTrees.map((tree, index, { length }) => ({
        tree,
        first: `${rest}+--- `,
        rest: `${rest}${index === length - 1 ? ' ' : '|'}    `,
      }))
      for (const child of children.reverse()) open.push(child)
    }
    return places
  }
}

/** What a greenlet does now, in some words. */
function stateOf(greenlet: RawGreenlet): string {
  if (greenlet === getcurrent()) return 'running'
  if (greenlet === runtime.hub) return 'runs the others'
  if (greenlet.dead) {
    if (!(greenlet instanceof Greenlet)) return 'finished'
    // Asking for its exception would count as having been told of it.
    return `finished with ${greenlet.successful() ? 'value ' : ''}${brief(greenlet.transfer)}`
  }
  if (greenlet.state === UNSTARTED) return 'not started'
  const waits = executionsOf(greenlet).flatMap(({ state, waiting }) =>
    state === PARKED && waiting ? waiting.describe() : [],
  )
  return waits.length > 0 ? `waits on ${waits.join(', ')}` : 'ready'
}

function detailsOf(greenlet: RawGreenlet, sites: Sites): string[] {
  const lines: string[] = []
  const suspended = sites.get(greenlet) ?? []
  if (suspended.length > 0) lines.push('suspended', ...suspended.map((line) => `  ${line}`))
  const site = greenlet instanceof Greenlet ? greenlet.spawningStack : undefined
  if (site !== undefined) lines.push('spawned', ...site.split('\n').map((line) => `  ${line.trim()}`))
  const locals = Object.entries(
    (greenlet as Partial<Greenlet>).lineage?.locals ?? greenlet.extras?.lineage?.locals ?? {},
  )
  if (locals.length > 0) lines.push(`locals ${locals.map(([name, value]) => `${name}=${brief(value)}`).join(' ')}`)
  return lines
}

/** A value in one line that is not too long. */
function brief(value: unknown): string {
  let text: string | undefined
  try {
    text = isData(value) ? JSON.stringify(value) : String(value)
  } catch {
    text = undefined
  }
  const line = (text ?? Object.prototype.toString.call(value)).replaceAll('\n', ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

/** Whether a value says nothing of itself as text. */
function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const plain = Object.prototype.toString
  return Array.isArray(value) || (value.toString ?? plain) === plain
}
