import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'rolldown/utils'
import { describe, expect, test } from 'vitest'

interface Import {
  readonly from: string
  readonly to: string
  readonly isType: boolean
}

/** The packages from the top down: each may import those after it. */
const PACKAGES = ['http', 'net', 'process', 'core']
const root = fileURLToPath(new URL('..', import.meta.url))
const architecture = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8')

/** The imports and re-exports of a package's sources. Paths are relative to its `src`, other modules are named as they are imported. */
function importsOf(name: string): Import[] {
  const source = join(root, 'packages', name, 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) =>
    parseSync(file, readFileSync(join(source, file), 'utf8')).program.body.flatMap((node) => {
      if (!('source' in node) || !node.source) return []
      const { value } = node.source
      const to = value.startsWith('.') ? normalize(join(dirname(file), value)) : value
      const isType = node.type === 'ImportDeclaration' ? node.importKind === 'type' : node.exportKind === 'type'
      return [{ from: file, to, isType }]
    }),
  )
}

/** The folder directly in `src` that a file is in; a file outside of folders stands for itself. */
function roomOf(file: string): string {
  return file.split(sep)[0]!
}

function arrowsBetweenRooms(imports: readonly Import[]): [from: string, to: string][] {
  return imports.map(({ from, to }): [string, string] => [roomOf(from), roomOf(to)]).filter(([from, to]) => from !== to)
}

/** A circle of arrows, as the points on it, or `undefined`. */
function circleIn(arrows: readonly (readonly [from: string, to: string])[]): string[] | undefined {
  const targets = new Map<string, Set<string>>()
  for (const [from, to] of arrows) targets.set(from, (targets.get(from) ?? new Set()).add(to))
  const finished = new Set<string>()
  const path: string[] = []
  const visit = (point: string): string[] | undefined => {
    if (path.includes(point)) return [...path.slice(path.indexOf(point)), point]
    if (finished.has(point)) return undefined
    path.push(point)
    for (const target of targets.get(point) ?? []) {
      const circle = visit(target)
      if (circle !== undefined) return circle
    }
    path.pop()
    finished.add(point)
    return undefined
  }
  for (const point of targets.keys()) {
    const circle = visit(point)
    if (circle !== undefined) return circle
  }
  return undefined
}

test('a circle of arrows is found wherever it begins, and arrows that meet again are none', () => {
  expect(circleIn(pairs('ab', 'bc', 'cd', 'db'))).toEqual(['b', 'c', 'd', 'b'])
  expect(circleIn(pairs('ab', 'ac', 'bd', 'cd'))).toBeUndefined()
})

function pairs(...arrows: string[]): [string, string][] {
  return arrows.map((arrow) => [arrow[0]!, arrow[1]!])
}

describe.each(PACKAGES.map((name) => [name, importsOf(name)] as const))('the sources of %s', (name, imports) => {
  const local = imports.filter(({ to }) => to.endsWith('.ts'))

  test('import only packages further down', () => {
    const others = new Set(imports.flatMap(({ to }) => (to.startsWith('@greenlit/') ? [to.split('/')[1]!] : [])))
    const below = PACKAGES.slice(PACKAGES.indexOf(name) + 1)
    expect([...others].filter((other) => !below.includes(other))).toEqual([])
  })

  test('do not import the index of their own package', () => {
    expect(local.filter(({ to }) => to === 'index.ts')).toEqual([])
  })

  test('have no circle of imports between files, other than of types', () => {
    expect(local.length).toBeGreaterThan(100)
    expect(circleIn(local.filter(({ isType }) => !isType).map(({ from, to }) => [from, to]))).toBeUndefined()
  })

  test('have no circle of imports between folders', () => {
    expect(circleIn(arrowsBetweenRooms(local))).toBeUndefined()
  })

  test('are in the folders that the guide lists, each of which imports only those above it', () => {
    const [, section = ''] = architecture.split(`\n## ${name}\n`)
    const listed = [...section.split('\n## ')[0]!.matchAll(/^\| \[([\w-]+)\]/gm)].map(([, room]) => room!)
    const rooms = new Set(
      local.flatMap(({ from, to }) => [from, to].map(roomOf)).filter((room) => !room.endsWith('.ts')),
    )
    expect(new Set(listed)).toEqual(rooms)
    const upward = arrowsBetweenRooms(local).filter(
      ([from, to]) => rooms.has(from) && rooms.has(to) && listed.indexOf(from) < listed.indexOf(to),
    )
    expect(upward).toEqual([])
  })
})
