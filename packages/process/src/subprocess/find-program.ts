import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { osError } from '../errors/os-error.ts'

/**
 * What keeps a program from being started, if anything does. Node tells of that later, when nobody looks any more; all that it
 * gives at once is a missing process id.
 */
export function obstacleTo(program: string, cwd: string | undefined, env: NodeJS.ProcessEnv): Error | undefined {
  const atFolder = cwd === undefined ? undefined : obstacleAt(cwd, true)
  if (atFolder !== undefined) return osError(atFolder, { filename: cwd! })
  if (program.includes('/')) {
    const code = obstacleAt(resolve(cwd ?? '.', program), false)
    return code === undefined ? undefined : osError(code, { filename: program })
  }
  let code = 'ENOENT'
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const found = obstacleAt(resolve(cwd ?? '.', join(folder === '' ? '.' : folder, program)), false)
    if (found === undefined) return undefined
    if (found !== 'ENOENT' && found !== 'ENOTDIR') code = found
  }
  return osError(code, { filename: program })
}

/** What keeps a folder from being entered, or a file from being executed. */
function obstacleAt(path: string, isFolder: boolean): string | undefined {
  try {
    const stats = statSync(path)
    if (isFolder && !stats.isDirectory()) return 'ENOTDIR'
    if (!isFolder && !stats.isFile()) return 'EACCES'
    accessSync(path, constants.X_OK)
    if (!isFolder) statSync(interpreterOf(path) ?? path)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'ENOENT'
  }
}

/** What the system starts in place of a script. */
function interpreterOf(path: string): string | undefined {
  const start = Buffer.alloc(256)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    // What may be executed need not be readable.
    return undefined
  }
  const length = readSync(file, start)
  closeSync(file)
  return /^#![ \t]*(\S+)/.exec(start.toString('utf8', 0, length))?.[1]
}
