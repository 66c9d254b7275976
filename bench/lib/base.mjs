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
 * Checks out and builds another revision, but with the current benchmarks, so that both revisions run the same cases on their own
 * libraries. Returns the path of its `child.mjs`, and a function that removes the checkout.
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
    // A type error does not stop the build: the current cases may need only what works.
    await run('npm', ['run', '--silent', 'build'], { cwd: folder }).catch((error) =>
      process.stderr.write(`${revision} does not build cleanly: ${error.stdout}\n`),
    )
    return { child: join(folder, 'bench', 'lib', 'child.mjs'), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Links the other revision's own packages, and the modules installed here for all other packages. */
function linkModules(folder) {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@greenlit'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@greenlit') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const name of PACKAGES) symlinkSync(join(folder, 'packages', name), join(modules, '@greenlit', name))
}
