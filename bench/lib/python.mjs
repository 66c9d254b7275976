import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../python/gevent_cases.py', import.meta.url))
let found

/** Returns a Python that has gevent, with the versions of both, or `undefined`. */
export function pythonWithGevent() {
  found ??= find()
  return found
}

async function find() {
  for (const binary of ['python3', '/usr/bin/python3']) {
    try {
      const { stdout } = await run(binary, [
        '-c',
        'import gevent, greenlet, platform; print("gevent", gevent.__version__, "greenlet", greenlet.__version__, "Python", platform.python_version())',
      ])
      return { binary, versions: stdout.trim() }
    } catch {
      // Not installed, or without gevent: try the next one.
    }
  }
  return undefined
}

/** Runs a case on gevent and returns its result. */
export async function runPython(binary, name) {
  const { stdout } = await run(binary, [script, name])
  return Number(stdout.trim())
}
