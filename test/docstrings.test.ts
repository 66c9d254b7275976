import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = ['core', 'process', 'net', 'http']

interface Export {
  readonly name: string
  readonly file: string
}

/** The source files of the entry points in a package's `exports`. */
function entriesOf(name: string): string[] {
  const folder = join(root, 'packages', name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
  }
  const targets = Object.values(exports).filter((target) => typeof target === 'object') as { types: string }[]
  return targets.map(({ types }) => join(folder, types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')))
}

/** The exports of an entry point, with the file that declares each; re-exports of whole files are followed. */
function exportsOf(entry: string): Export[] {
  const source = readFileSync(entry, 'utf8')
  const named = [...source.matchAll(/export (?:type )?\{([^}]*)\} from '(\.[^']+)'/g)].flatMap(([, names, from]) =>
    names!
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0]!,
      )
      .filter((name) => name !== '')
      .map((name) => ({ name, file: join(dirname(entry), from!) })),
  )
  const whole = [...source.matchAll(/export \* (?:as \w+ )?from '(\.[^']+)'/g)].flatMap(([, from]) =>
    exportsOf(join(dirname(entry), from!)),
  )
  const own = [...source.matchAll(/^export (?:abstract )?(?:class|function\*?|const|interface|type) (\w+)/gm)].map(
    ([, name]) => ({
      name: name!,
      file: entry,
    }),
  )
  return [...named, ...whole, ...own]
}

/** Whether the declaration of an export has a docstring right above it. */
function isDocumented({ name, file }: Export): boolean {
  const source = readFileSync(file, 'utf8')
  const declaration = new RegExp(
    `\\*/\\s*(?://[^\\n]*\\s*)*(?:@\\w+[^\\n]*\\s*)*export (?:declare )?(?:abstract )?(?:async )?(?:class|function\\*?|const|let|interface|type) ${name}\\b`,
  )
  if (declaration.test(source)) return true
  const again = [...source.matchAll(/(?:export|import) (?:type )?\{([^}]*)\} from '(\.[^']+)'/g)].find(([, names]) =>
    new RegExp(`\\b${name}\\b`).test(names!),
  )
  return again !== undefined && isDocumented({ name, file: join(dirname(file), again[2]!) })
}

/** Names of system constants such as `AF_INET`, which the system's manuals document. */
const SYSTEM_CONSTANT = /^[A-Z][A-Z0-9_]+$/

test.each(PACKAGES)('every public export of %s has a docstring', (name) => {
  const exports = entriesOf(name)
    .flatMap(exportsOf)
    .filter((exported) => !SYSTEM_CONSTANT.test(exported.name))
  expect(exports.length).toBeGreaterThan(0)
  expect(exports.filter((exported) => !isDocumented(exported)).map(({ name: missing }) => missing)).toEqual([])
})
