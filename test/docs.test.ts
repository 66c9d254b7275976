import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside the repository, so that the programs can import the packages. */
const folder = join(root, 'node_modules', '.cache', 'docs-programs')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The pages that contain programs. */
function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).map((name) => join(root, 'docs', name))
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md'))
  return [join(root, 'README.md'), ...docs, ...packages].filter((page) => page.endsWith('.md') && existsSync(page))
}

/** The complete programs of a page: code blocks that begin with an import. Others are excerpts. */
function programsOf(page: string): string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code!)
  return blocks.filter((code) => code.startsWith('import '))
}

const programs = pages().flatMap((page) =>
  programsOf(page).map((code, index) => ({
    name: `${relative(root, page).replaceAll(/[^\w]+/g, '-')}-${index + 1}`,
    code,
  })),
)

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
})

test('the README links to every guide', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  expect(guides.filter((name) => !readme.includes(`(docs/${name})`))).toEqual([])
})

test('every program in the documentation type-checks', { timeout: 60_000 }, async () => {
  expect(programs.length).toBeGreaterThan(10)
  for (const { name, code } of programs) writeFileSync(join(folder, `${name}.ts`), `${code}export {}\n`)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { noEmit: true, composite: false, declaration: false, noUnusedLocals: false },
      include: ['*.ts'],
    }),
  )
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const output = await run(process.execPath, [compiler, '-p', folder]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  )
  expect(output).toBe('')
})

test.each(programs)('$name runs to completion', async ({ name, code }) => {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, (await transform(code, { loader: 'ts', format: 'esm', target: 'es2022' })).code)
  await run(process.execPath, [file], { cwd: root })
})
