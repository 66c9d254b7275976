import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { osError } from '../errors/os-error.ts'

/**
 * What keeps a program from being started, if anything does. Node tells of that later, when nobody looks any more; all that it
 * gives at once is a missing process id.
 */
export function obstacleTo(program: string, cwd: string | undefined, env: NodeJS.ProcessEnv): Error | undefined {
  if (cwd !== undefined && !isFolder(cwd)) return osError('ENOENT', { filename: cwd })
  const places = program.includes('/')
    ? [resolve(cwd ?? '.', program)]
    : (env.PATH ?? '').split(delimiter).map((folder) => join(folder === '' ? '.' : folder, program))
  let code = 'ENOENT'
  for (const place of places) {
    const stats = statSync(place, { throwIfNoEntry: false })
    if (stats === undefined) continue
    if (!stats.isDirectory() && isExecutable(place)) return undefined
    code = 'EACCES'
  }
  return osError(code, { filename: program })
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
