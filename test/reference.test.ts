import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

test('the reference is up to date with the docstrings', async () => {
  // It fails with the names of the pages that are not.
  await run(process.execPath, ['reference/main.mjs', '--check'], { cwd: root })
})

test.each([
  ['core', '[`spawn(fn, ...args)`]', '- `putNowait(item)`', '`class Greenlet(', "`code = 'LOOP_EXIT'`"],
  ['net', '[`createServer(', '- `recv(bufsize', '`class ThreadingTCPServer', '`AF_INET`'],
  ['process', '[`class Pool(', '- `applyAsync(', '## @greenlit/process/futures', '- `setException('],
  ['http', '[`get(url, options?)`]', '- `raiseForStatus()`', '## @greenlit/http/undici', '`class Session('],
])('the reference of %s lists functions, classes, members and other entry points', (name, ...expected) => {
  const page = readFileSync(join(root, 'docs', 'reference', `${name}.md`), 'utf8')
  expect(expected.filter((text) => !page.includes(text))).toEqual([])
  // A section is named after a folder of this package, also where another package defines what it exports.
  expect(page).not.toContain('### ..')
  // Links lead from the page to the source.
  const links = [...page.matchAll(/\]\(([^)]+\.ts)\)/g)].map(([, link]) => link!)
  expect(links.length).toBeGreaterThan(50)
  for (const link of new Set(links)) expect(() => readFileSync(join(root, 'docs', 'reference', link))).not.toThrow()
})

/** Names of the system's own constants, which its manuals explain: `AF_INET`. */
const SYSTEM_CONSTANT = /^[A-Z][A-Z0-9_]+$/

test.each(['core', 'process', 'net', 'http'])('every public export of %s has a docstring', (name) => {
  const page = readFileSync(join(root, 'docs', 'reference', `${name}.md`), 'utf8')
  // The reference lists exports without one as constants.
  const undocumented = [...page.matchAll(/^Constants: (.*)$/gm)].flatMap(([, list]) => list!.match(/[\w.]+/g) ?? [])
  expect(undocumented.filter((exported) => !SYSTEM_CONSTANT.test(exported))).toEqual([])
})
