import { checkOptions, show } from '@greenlit/core/engine'
import { FILE_BUFFER } from '../stream/transport.ts'
import { BinaryFile } from './binary-file.ts'
import type { FileOwner, MakefileOptions } from './socket-file.ts'
import { TextFile } from './text-file.ts'

/** The type of file for a mode: binary if it contains a 'b', otherwise text. */
export type FileOf<M extends string> = string extends M
  ? BinaryFile | TextFile
  : M extends `${string}b${string}`
    ? BinaryFile
    : TextFile

/** Creates a file for a socket. */
export function makefile<M extends string>(owner: FileOwner, mode: M, options?: MakefileOptions): FileOf<M> {
  if (typeof mode !== 'string') throw new TypeError(`Expected \`mode\` to be a string, got ${show(mode)}`)
  if (!/^[rwb]*$/.test(mode)) throw new RangeError(`invalid mode ${show(mode)} (only r, w, b allowed)`)
  const given = checkOptions(options)
  const { buffering = -1 } = given
  if (!Number.isInteger(buffering)) {
    throw new TypeError(`Expected \`buffering\` to be a whole number of bytes, got ${show(buffering)}`)
  }
  const size = buffering < 0 ? FILE_BUFFER : buffering
  if (mode.includes('b')) return new BinaryFile(owner, mode, size) as FileOf<M>
  if (size === 0) throw new RangeError('unbuffered streams must be binary')
  return new TextFile(owner, mode, size, given) as FileOf<M>
}
