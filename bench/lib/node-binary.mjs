import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../../node_modules/.cache/node-versions/', import.meta.url))

/** Returns the Node binary of a major version, installed from the registry's `node` package, or by default that of this process. */
export async function nodeBinary(major) {
  if (major === undefined) return process.execPath
  const folder = join(cache, major)
  const binary = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-save', `node@${major}`], { cwd: folder })
  }
  return binary
}
