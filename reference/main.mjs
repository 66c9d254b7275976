/**
 * Writes the reference, `docs/reference/*.md`, from the docstrings of what each package exports. With `--check` it writes nothing and
 * fails if a page is out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { PACKAGES, root } from './declarations.mjs'
import { pageOf, target } from './page.mjs'

const isCheck = process.argv.includes('--check')

mkdirSync(target, { recursive: true })
for (const name of PACKAGES) {
  const file = join(target, `${name}.md`)
  const page = pageOf(name)
  if (!isCheck) {
    writeFileSync(file, page)
  } else if (readFileSync(file, 'utf8') !== page) {
    process.stderr.write(`${relative(root, file)} is out of date: run npm run reference\n`)
    process.exitCode = 1
  }
}
