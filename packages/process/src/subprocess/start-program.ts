import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { osError } from '../errors/os-error.ts'
import { accountId } from './account.ts'
import type { Command, PopenOptions } from './options.ts'
import { findStartError } from './start-error.ts'

/**
 * Starts a program.
 *
 * @throws {OSError} of the subclass for the reason why it cannot be started
 */
export function startProgram(command: Command, options: PopenOptions): ChildProcess {
  const cwd = options.cwd ?? undefined
  const env = options.env ?? process.env
  const folder = cwd instanceof URL ? fileURLToPath(cwd) : cwd
  if (folder === '') throw osError('ENOENT', { filename: folder })
  // If a shell executes the program, a missing one would only be reported on standard error.
  const error = command.wrapped === undefined ? undefined : findStartError(command.wrapped, folder, env)
  if (error !== undefined) throw error
  let child: ChildProcess
  try {
    child = spawn(command.program, command.args, {
      stdio: command.stdio,
      env,
      detached: options.startNewSession ?? false,
      ...(command.argv0 === undefined ? {} : { argv0: command.argv0 }),
      ...(folder === undefined ? {} : { cwd: folder }),
      ...(options.user === undefined || options.user === null ? {} : { uid: accountId('user', options.user) }),
      ...(options.group === undefined || options.group === null ? {} : { gid: accountId('group', options.group) }),
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || code.startsWith('ERR_')) throw error
    const isAboutProgram = !/^E(BADF|MFILE|NFILE|NOMEM|AGAIN|INVAL|PERM)$/.test(code)
    throw (
      findStartError(command.program, folder, env) ??
      osError(code, { cause: error, ...(isAboutProgram ? { filename: command.wrapped ?? command.program } : {}) })
    )
  }
  if (child.pid !== undefined) return child
  child.on('error', () => {})
  // When file descriptors have run out, Node has not even created the streams.
  if (child.stdio === undefined) throw osError('EMFILE')
  const found = findStartError(command.program, folder, env)
  if (found !== undefined) throw found
  // What this process may execute, another user may not.
  const isOther = (options.user ?? options.group ?? undefined) !== undefined
  throw isOther ? osError('EACCES', { filename: command.program }) : osError('EAGAIN')
}
