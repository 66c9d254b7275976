import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside the repository, so that the examples can import the packages. */
const folder = join(root, 'node_modules', '.cache', 'docstrings')
const PACKAGES = ['core', 'process', 'net', 'http']
/** Entries whose names a folder's examples mean, where another entry has the same. */
const OWN_ENTRIES = { observe: 'core/observe', testing: 'core/testing', futures: 'process/futures' }
/** Names that other entries have too, by which an example means what is built in. */
const BUILT_IN = new Set(['Array', 'Request', 'fetch', 'process'])

/** A value with a literal in the comment after it: `half(42) // 21`, `const half = half(42) // 21`. */
const CLAIM =
  /^(?:const (\w+) = )?((?!(?:const|return|class|if|for) )\S.*[\w)\]!']) \/\/ (['"[{<].*|-?\d+|true|false|undefined)$/m

const RUNNER = `
import { isDeepStrictEqual, inspect } from 'node:util'
import { spawn } from '@greenlit/core'

globalThis.claim = ([place, expected], value) => {
  if (inspect(value) !== expected && !isDeepStrictEqual(value, new Function('return (' + expected + ')')())) {
    console.log(place + ': ' + inspect(value) + ' is not ' + expected)
  }
  return value
}
for (let index = 0; index < Number(process.argv[2]); index += 1) {
  const { example } = await import('./' + index + '.mjs')
  await spawn(example)
}
`

interface Entry {
  readonly specifier: string
  readonly names: Set<string>
  readonly values: Record<string, unknown>
}

interface Example {
  readonly place: string
  /** Its code as the function `example` of a module. */
  readonly module: string
  /** Whether it can run as it is: it uses nothing that only its context has, and changes no settings. */
  readonly isWhole: boolean
}

let entries: Entry[]
let examples: Example[]
const documented = new Set<string>()

beforeAll(async () => {
  entries = (await Promise.all(PACKAGES.map(entriesOf))).flat()
  examples = PACKAGES.flatMap((name) => {
    const source = join(root, 'packages', name, 'src')
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    return files.flatMap((file) => examplesOf(name, file, readFileSync(join(source, file), 'utf8')))
  })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function entriesOf(name: string): Promise<Entry[]> {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  return Promise.all(
    Object.keys(exports).map(async (path) => {
      const values: Record<string, unknown> = await import(join(root, 'packages', name, exports[path].default))
      const types = readFileSync(join(root, 'packages', name, exports[path].types), 'utf8')
      const listed = [...types.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => list!.split(','))
      const names = listed.map((one) => one.trim().split(/\s+/).at(-1)!)
      return {
        specifier: `@greenlit/${name}${path.slice(1)}`,
        values,
        names: new Set([...Object.keys(values), ...names]),
      }
    }),
  )
}

function examplesOf(name: string, file: string, source: string): Example[] {
  const given = declaredIn(readFileSync(join(root, 'test', 'docstrings', `${name}.ts`), 'utf8'))
  return [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((match) => {
    const text = match[0].slice(0, -'*/'.length).replaceAll(/^ *\* ?/gm, '')
    const [, example] = text.split('@example\n')
    if (example === undefined) return []
    const rest = source.slice(match.index + match[0].length)
    const declared = /^(?:\s*\/\/.*)*\s*export [^\n]*?(?:class|function\*?|const) (\w+)/.exec(rest)
    if (declared !== null) documented.add(declared[1]!)
    const place = `packages/${name}/src/${file}:${source.slice(0, match.index).split('\n').length}`
    return [{ place, ...moduleOf(name, file, example.trim(), source, given) }]
  })
}

/** Makes an example a module: imports what it uses, from what is given, its package, its own file, and other packages, in that order. */
function moduleOf(name: string, file: string, example: string, source: string, given: Set<string>) {
  const own = Object.entries(OWN_ENTRIES).find(([part]) => file.startsWith(part))?.[1] ?? name
  const byNearness = [...entries].sort((a, b) => rank(a) - rank(b))
  function rank({ specifier }: Entry): number {
    return specifier === `@greenlit/${own}` ? 0 : specifier.startsWith(`@greenlit/${name}`) ? 1 : 2
  }
  const inFile = declaredIn(source)
  const imports: string[] = example.match(/^import .*$/gm) ?? []
  const code = example.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '')
  const words = new Set(code.replaceAll(/'[^'\n]*'|\/\/.*/g, '').match(/(?<!(?<!\.\.)\.)\b[A-Za-z_]\w*\b(?!:)/g))
  // Other modules do not exist, settings affect what runs later, and names of hosts depend on the machine.
  let isWhole = !/\bawait\b|import\.meta|\b(?:set|register)\w+\(/.test(code) && !file.startsWith('resolver')
  for (const word of words) {
    if (declares(example, word)) continue
    const entry = byNearness.find(({ names }) => names.has(word))
    if (given.has(word)) {
      isWhole = false
      imports.push(`import { ${word} } from '${join(root, 'test', 'docstrings', `${name}.ts`)}'`)
    } else if (entry !== undefined && (!BUILT_IN.has(word) || rank(entry) < 2)) {
      imports.push(`import { ${word} } from '${entry.specifier}'`)
    } else if (inFile.has(word)) {
      isWhole = false
      imports.push(`import { ${word} } from '${join(root, 'packages', name, 'src', file)}'`)
    }
  }
  const kind = /\bawait\b/.test(code) ? 'async function*' : 'function*'
  const module = `${imports.join('\n')}\nexport ${kind} example() {\n${code}\n}\n`
  return { module, isWhole }
}

function declares(example: string, name: string): boolean {
  const declarations = [`(?:const|let|using|class|function\\*?|as) +${name}`, `(?:const|let) [[{][^\\]}\\n]*\\b${name}`]
  return new RegExp(`(?:${declarations.join('|')}|import \\{ ${name})\\b`).test(example)
}

/** What a module exports by a declaration. */
function declaredIn(source: string): Set<string> {
  const declarations =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:(?:const|let|function\*?|class|interface) |\* as |(?:type )?\{ )(\w+)/gm
  return new Set([...source.matchAll(declarations)].map(([, name]) => name!))
}

test('every exported function and class has an example', () => {
  const lacking = entries.flatMap(({ specifier, values }) =>
    Object.entries(values)
      .filter(([name, value]) => typeof value === 'function' && !documented.has(name) && !documented.has(value.name))
      .map(([name]) => `${specifier}: ${name}`),
  )
  expect(lacking).toEqual([])
})

test('every example type-checks', { timeout: 60_000 }, async () => {
  expect(examples.length).toBeGreaterThan(300)
  for (const [index, { place, module }] of examples.entries()) {
    writeFileSync(join(folder, `${index}.ts`), `// ${place}\n${module}`)
  }
  const asProgram = { noEmit: true, composite: false, declaration: false, verbatimModuleSyntax: false }
  const ofExcerpts = { noUnusedLocals: false, noUnusedParameters: false }
  const fromSources = { allowImportingTsExtensions: true, rewriteRelativeImportExtensions: false }
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { ...asProgram, ...ofExcerpts, ...fromSources },
    include: ['*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const output = await run(process.execPath, [compiler, '-p', folder], { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
  expect(output.replaceAll(/^(\d+)\.ts/gm, (_, index) => examples[Number(index)]!.place)).toBe('')
})

test('every example that is a whole program gives the values in its comments', { timeout: 60_000 }, async () => {
  const claims = examples.filter(({ isWhole, module }) => isWhole && CLAIM.test(module))
  expect(claims.length).toBeGreaterThan(40)
  const files = claims.map(async ({ place, module }, index) => {
    const checked = module.replaceAll(
      new RegExp(CLAIM, 'gm'),
      (_, variable, value, claim) =>
        `${variable === undefined ? '' : `const ${variable} = `}claim(${JSON.stringify([place, claim])}, ${value})`,
    )
    const { code } = await transform(checked, { loader: 'ts', format: 'esm', target: 'es2022' })
    writeFileSync(join(folder, `${index}.mjs`), code)
  })
  await Promise.all(files)
  writeFileSync(join(folder, 'main.mjs'), RUNNER)
  const { stdout } = await run(process.execPath, [join(folder, 'main.mjs'), String(claims.length)])
  // Other lines are what the examples print.
  expect(stdout.match(/^packages\/.*/gm) ?? []).toEqual([])
})
