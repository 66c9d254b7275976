import { checkOptions } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'
import { PARKED, UNSTARTED } from '../engine/states.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import { enumerate } from '../greenlet/live.ts'
import { getcurrent, type RawGreenlet } from '../greenlet/raw-greenlet.ts'
import { executionsOf, suspensionSites } from './suspension-sites.ts'

/** How to format a tree. */
export interface TreeFormatOptions {
  /** Whether to show more than name and state: where it waits, where it was spawned, its spawn tree's locals. Default true. */
  details?: boolean | undefined
}

type Sites = ReturnType<typeof suspensionSites>

interface Row {
  readonly tree: GreenletTree
  readonly first: string
  readonly rest: string
}

/**
 * A tree of live greenlets, each below the one that spawned it (gevent.util: GreenletTree). A greenlet that has ended stays in the
 * tree while greenlets that it spawned are alive, until it is garbage-collected.
 *
 * @example
 * for (const tree of GreenletTree.forest()) console.log(tree.format())
 */
export class GreenletTree {
  /** The greenlet at the root. */
  readonly greenlet: RawGreenlet
  /** The trees of the greenlets that it spawned, oldest first. */
  readonly childTrees: GreenletTree[] = []

  /** @internal Made by `forest`. */
  constructor(greenlet: RawGreenlet) {
    this.greenlet = greenlet
  }

  /** Returns all trees: first that of the plain program, then those of greenlets whose spawner is gone. */
  static forest(): GreenletTree[] {
    const main = new GreenletTree(runtime.main as RawGreenlet)
    const roots = [main]
    const trees = new Map<RawGreenlet, GreenletTree>([[main.greenlet, main]])
    const insert = (inserted: RawGreenlet): void => {
      let greenlet = inserted
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
    if (runtime.hub !== null) insert(runtime.hub as RawGreenlet)
    for (const greenlet of enumerate()) insert(greenlet)
    insert(getcurrent())
    return roots
  }

  /** Returns the tree that contains the current greenlet. */
  static currentTree(): GreenletTree {
    const current = getcurrent()
    return GreenletTree.forest().find((tree) => tree.has(current))!
  }

  /** Whether a greenlet is in the tree. */
  has(greenlet: RawGreenlet): boolean {
    return this.walk().some((row) => row.tree.greenlet === greenlet)
  }

  /** Returns the tree as text. */
  format(options?: TreeFormatOptions): string {
    return this.formatLines(options).join('\n')
  }

  /** Returns the tree as lines of text. */
  formatLines(options?: TreeFormatOptions): string[] {
    const { details = true } = checkOptions(options)
    const rows = this.walk()
    const sites = details ? suspensionSites(rows.map((row) => row.tree.greenlet)) : undefined
    return rows.flatMap(({ tree, first, rest }) => {
      const line = `${first}${tree.greenlet}; ${stateOf(tree.greenlet)}`
      if (sites === undefined) return [line]
      const stem = `${rest}${tree.childTrees.length > 0 ? '|' : ' '}    `
      return [line, ...detailsOf(tree.greenlet, sites).map((detail) => `${stem}${detail}`)]
    })
  }

  /** Returns the tree as text, one line per greenlet. */
  toString(): string {
    return this.format({ details: false })
  }

  /** Lists the subtrees from the top down, each with the prefix of its first line and that of its other lines. */
  private walk(): Row[] {
    const rows: Row[] = []
    const open: Row[] = [{ tree: this, first: '', rest: '' }]
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      rows.push(row)
      const { rest } = row
      const children = row.tree.childTrees.map((tree, index, { length }) => ({
        tree,
        first: `${rest}+--- `,
        rest: `${rest}${index === length - 1 ? ' ' : '|'}    `,
      }))
      for (const child of children.reverse()) open.push(child)
    }
    return rows
  }
}

/** Describes the state of a greenlet in a few words. */
function stateOf(greenlet: RawGreenlet): string {
  if (greenlet === getcurrent()) return 'running'
  if (greenlet === runtime.hub) return 'runs the others'
  if (greenlet.dead) {
    if (!(greenlet instanceof Greenlet)) return 'finished'
    // Not `exception`: reading that would count as observing the failure.
    return `finished with ${greenlet.successful() ? 'value ' : ''}${brief(greenlet._transfer)}`
  }
  if (greenlet._state === UNSTARTED) return 'not started'
  const waits = executionsOf(greenlet).flatMap(({ _state: state, _waiting: waiting }) =>
    state === PARKED && waiting ? waiting.describe() : [],
  )
  return waits.length > 0 ? `waits on ${waits.join(', ')}` : 'ready'
}

function detailsOf(greenlet: RawGreenlet, sites: Sites): string[] {
  const lines: string[] = []
  // The stack of a greenlet that has started tells what it runs.
  if (greenlet._state === UNSTARTED && greenlet.run?.name) lines.push(`will call ${greenlet.run.name}`)
  const suspended = sites.get(greenlet) ?? []
  if (suspended.length > 0) lines.push('suspended', ...suspended.map((line) => `  ${line}`))
  const site = greenlet instanceof Greenlet ? greenlet.spawningStack : undefined
  if (site !== undefined) lines.push('spawned', ...site.split('\n').map((line) => `  ${line.trim()}`))
  const locals = Object.entries(
    (greenlet as Partial<Greenlet>).lineage?.locals ?? greenlet._extras?.lineage?.locals ?? {},
  )
  if (locals.length > 0) lines.push(`locals ${locals.map(([name, value]) => `${name}=${brief(value)}`).join(' ')}`)
  return lines
}

/** Formats a value in one line of limited length. */
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

/** Whether to format a value as JSON: an array, or an object without a `toString` of its own. */
function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const plain = Object.prototype.toString
  return Array.isArray(value) || (value.toString ?? plain) === plain
}
