import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * Returns the path of a file with all symbolic links resolved. The file itself need not exist.
 *
 * @throws the system's error if its directory does not exist, or if the links form a loop
 */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const folder = realpathSync(dirname(path))
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
  return isLink ? realPath(resolve(folder, readlinkSync(path))) : join(folder, basename(path))
}
