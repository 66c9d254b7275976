import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const PACKAGES = ['core', 'process', 'net', 'http']

/**
 * Checks out and builds another revision, with today's cases in it, so that both revisions run the same code on their own
 * libraries. Answers where its `child.mjs` is, and how to take it all away.
 */
export async function checkOutBase(revision) {
  const folder = mkdtempSync(join(tmpdir(), 'greenlit-base-'))
  const dispose = () => {
    rmSync(folder, { recursive: true, force: true })
    return run('git', ['worktree', 'prune'], { cwd: root })
  }
  try {
    await run('git', ['worktree', 'add', '--detach', '--force', folder, revision], { cwd: root })
    linkModules(folder)
    rmSync(join(folder, 'bench'), { recursive: true, force: true })
    cpSync(join(root, 'bench'), join(folder, 'bench'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
    // A revision with an error of types is built too: today's cases may need only what works.
    await run('npm', ['run', '--silent', 'build'], { cwd: folder }).catch((error) =>
      process.stderr.write(`${revision} does not build cleanly: ${error.stdout}\n`),
    )
    return { child: join(folder, 'bench', 'lib', 'child.mjs'), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The other revision's own packages, and this one's installed modules for the rest. */
function linkModules(folder) {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@greenlit'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@greenlit') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const name of PACKAGES) symlinkSync(join(folder, 'packages', name), join(modules, '@greenlit', name))
}
