/** Bundles what each package exports into its `dist`: a program that has to load hundreds of small files starts late. Types are `tsc`'s. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** The programs that a package starts in a process or thread of their own, by name, beside what it exports. */
const PROGRAMS = {
  core: [],
  process: ['child/entry', 'manager/server', 'pool/worker'],
  net: ['server/prefork/work', 'socketserver/forking/work'],
  http: ['crawl/command/main'],
}

await Promise.all(Object.keys(PROGRAMS).map(bundle))

async function bundle(name) {
  const folder = fileURLToPath(new URL(`./packages/${name}/`, import.meta.url))
  const { exports } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
  const exported = Object.keys(exports).map((path) => (path === '.' ? 'index' : path.slice('./'.length)))
  const entries = [...exported, ...PROGRAMS[name]]
  const bundle = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
    external: /^(?!src\/|[./])/,
    platform: 'node',
    tsconfig: `${folder}tsconfig.json`,
    transform: { target: 'es2022' },
  })
  await bundle.write({
    dir: `${folder}dist`,
    format: 'esm',
    sourcemap: true,
    // A program keeps the text of what it loads: documentation is in the declarations, and one character above U+00FF doubles a file.
    comments: { legal: true, annotation: true, jsdoc: false },
    charset: 'ascii',
    // Shared chunks stand beside the entries: files that are loaded by name are found relative to them.
    chunkFileNames: '[name].js',
  })
  await bundle.close()
}
