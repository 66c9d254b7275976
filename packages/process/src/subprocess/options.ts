import type { StdioOptions } from 'node:child_process'
import type { Stream as NodeStream } from 'node:stream'
import { show } from '@greenlit/core/engine'
import { checkOptions } from './check-options.ts'
import { DEVNULL, PIPE, STDOUT } from './constants.ts'
import { PipeReader } from './pipe-reader.ts'
import { PipeWriter } from './pipe-writer.ts'
import type { EncodingErrors } from './text-codec.ts'

/**
 * Where a standard stream is connected: `PIPE`, `DEVNULL`, a file descriptor, something with an `fd`, or the pipe of another program (its
 * `stdout` as the `stdin` of this one makes a pipeline); `undefined` is the parent's own.
 */
export type StandardStream = number | { readonly fd: number } | PipeReader | PipeWriter | undefined

/** How to start a program. */
export interface PopenOptions {
  /** Its standard input. Default: the parent's. */
  stdin?: StandardStream
  /** Its standard output. Default: the parent's. */
  stdout?: StandardStream
  /** Its standard error; `STDOUT` is where its standard output goes. Default: the parent's. */
  stderr?: StandardStream
  /** Whether the command is given to a shell; a string names a shell. Default false. */
  shell?: boolean | string
  /** The folder in which it starts. Default: the parent's. */
  cwd?: string | URL
  /** Its environment variables, all of them. Default: the parent's. */
  env?: NodeJS.ProcessEnv
  /**
   * The program to start in place of the first of the arguments, which it still sees as its own name unless `stderr` goes into the pipe
   * of `stdout`; with `shell`, the shell.
   */
  executable?: string
  /** Whether pipes carry text, as UTF-8 unless `encoding` says otherwise, and line ends become `\n`. Default false: bytes. */
  text?: boolean
  /** Same as `text`, by its older name. */
  universalNewlines?: boolean
  /** The encoding of text in the pipes; turns `text` on. */
  encoding?: BufferEncoding
  /**
   * What becomes of bytes that are no text, and of text that `encoding` cannot write: an error, a replacement character, or nothing;
   * turns `text` on. Default: what is read is replaced, what cannot be written is an error.
   */
  errors?: EncodingErrors
  /** Taken as Python has it, and of no effect: what is written goes on its way at once. */
  bufsize?: number
  /** File descriptors that it gets under the same numbers, beside the standard streams. */
  passFds?: readonly number[]
  /** Whether it leads a session of its own, out of reach of the terminal's signals. Default false. */
  startNewSession?: boolean
  /** The user to run as. */
  user?: number
  /** The group to run as. */
  group?: number
}

/** What Node gets to start the program. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** The program behind the shell that `program` then is. */
  readonly wrapped: string | undefined
  /** The program's own name for itself, if it is not its path. */
  readonly argv0: string | undefined
  readonly stdio: StdioOptions
}

type Stream = number | 'pipe' | 'ignore' | NodeStream

/** Checks a command and its options. */
export function commandOf(args: string | readonly string[], options: PopenOptions): Command {
  const list = typeof args === 'string' ? [args] : Array.isArray(args) ? [...args] : undefined
  if (list === undefined || list.length === 0 || list.some((part) => typeof part !== 'string')) {
    throw new TypeError(
      `Expected \`args\` to be a command or an array of a program and its arguments, got ${show(args)}`,
    )
  }
  if (list[0] === '') throw new RangeError('Expected `args` to begin with a program, got an empty string')
  checkOptions(options)
  const bad = list.find((part) => part.includes('\0'))
  if (bad !== undefined) throw new RangeError(`Expected \`args\` without null characters, got ${show(bad)}`)
  const stdin = streamOf('stdin', options.stdin, 0)
  const stdout = streamOf('stdout', options.stdout, 1)
  const merge = options.stderr === STDOUT
  const stderr = merge && stdout !== 'pipe' ? stdout : streamOf('stderr', merge ? undefined : options.stderr, 2)
  const given = descriptorsOf(options.passFds ?? [])
  const command = options.shell ? shellCommand(list, options) : (list as [string, ...string[]])
  if (!merge || stdout !== 'pipe') {
    const program = options.executable ?? command[0]
    const argv0 = program === command[0] ? undefined : command[0]
    return { program, wrapped: undefined, args: command.slice(1), argv0, stdio: [stdin, stdout, stderr, ...given] }
  }
  // Node cannot give a child one pipe twice. A shell can, and then becomes the program, so that the process id stays.
  const wrapped = options.executable ?? command[0]
  const wrapper = ['-c', 'exec "$0" "$@" 2>&1', wrapped, ...command.slice(1)]
  return { program: '/bin/sh', wrapped, args: wrapper, argv0: undefined, stdio: [stdin, stdout, 'ignore', ...given] }
}

function shellCommand(list: readonly string[], options: PopenOptions): [string, ...string[]] {
  const shell = typeof options.shell === 'string' ? options.shell : '/bin/sh'
  return [options.executable ?? shell, '-c', ...list]
}

/** What a program gets behind its standard streams, by the numbers of the descriptors. */
function descriptorsOf(passed: readonly number[]): Stream[] {
  const streams: Stream[] = []
  for (let number = 3; number <= Math.max(...passed, 2); number += 1)
    streams.push(passed.includes(number) ? number : 'ignore')
  return streams
}

function streamOf(name: string, stream: StandardStream, own: number): Stream {
  if (stream === undefined || stream === null) return own
  if (stream === PIPE) return 'pipe'
  if (stream === DEVNULL) return 'ignore'
  // What was read ahead cannot be put back: then the rest is read here too, and written to a pipe of its own.
  if (own === 0 && stream instanceof PipeReader) return stream.lend() ?? 'pipe'
  if (own !== 0 && stream instanceof PipeWriter) return stream.lend()
  const descriptor = typeof stream === 'object' ? (stream as { readonly fd?: number }).fd : stream
  if (typeof descriptor === 'number' && Number.isInteger(descriptor) && descriptor >= 0) return descriptor
  const also = own === 2 ? ', STDOUT' : ''
  const pipe = own === 0 ? "another program's `stdout` or `stderr`" : "another program's `stdin`"
  throw new TypeError(
    `Expected \`${name}\` to be PIPE, DEVNULL${also}, a file descriptor, something with one, or ${pipe}, got ${show(stream)}`,
  )
}
