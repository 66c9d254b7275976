import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { osError } from '../errors/os-error.ts'

/** Where the system looks for a program if the environment has no PATH (Python: os.defpath). */
const DEFAULT_PATH = '/bin:/usr/bin'

/**
 * Finds out why a program cannot be started; `undefined` if nothing is found. Node reports the reason only later, by an event: all
 * that `spawn` shows immediately is a missing process id.
 */
export function findStartError(program: string, cwd: string | undefined, env: NodeJS.ProcessEnv): Error | undefined {
  const folderError = cwd === undefined ? undefined : accessErrorOf(cwd, true)
  if (folderError !== undefined) return osError(folderError, { filename: cwd! })
  if (program.includes('/')) {
    const code = accessErrorOf(resolve(cwd ?? '.', program), false)
    return code === undefined ? undefined : osError(code, { filename: program })
  }
  let code = 'ENOENT'
  for (const folder of (env.PATH ?? DEFAULT_PATH).split(delimiter)) {
    const reason = accessErrorOf(resolve(cwd ?? '.', join(folder === '' ? '.' : folder, program)), false)
    if (reason === undefined) return undefined
    if (reason !== 'ENOENT' && reason !== 'ENOTDIR') code = reason
  }
  return osError(code, { filename: program })
}

/** The error code for a folder that cannot be entered or a file that cannot be executed; `undefined` if it can. */
function accessErrorOf(path: string, isFolder: boolean): string | undefined {
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

/** The interpreter that a script's `#!` line names. */
function interpreterOf(path: string): string | undefined {
  const start = Buffer.alloc(256)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    // An executable file need not be readable.
    return undefined
  }
  const length = readSync(file, start)
  closeSync(file)
  return /^#![ \t]*(\S+)/.exec(start.toString('utf8', 0, length))?.[1]
}
