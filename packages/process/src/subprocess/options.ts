import type { StdioOptions } from 'node:child_process'
import type { Stream as NodeStream } from 'node:stream'
import { show, wrongType, wrongValue } from '@greenlit/core/engine'
import { checkOptions } from './check-options.ts'
import { DEVNULL, PIPE, STDOUT } from './constants.ts'
import { PipeReader } from './pipe-reader.ts'
import { PipeWriter } from './pipe-writer.ts'
import { shellArguments } from './shell-wrapper.ts'
import type { EncodingErrors } from './text-codec.ts'

/**
 * What a standard stream is connected to: `PIPE`, `DEVNULL`, a file descriptor, an object with an `fd`, or the pipe of another
 * program (its `stdout` as the `stdin` of this one makes a pipeline); `undefined` inherits the parent's stream.
 */
export type StandardStream = number | { readonly fd: number } | PipeReader | PipeWriter | undefined

/** The options with which a program is started. */
export interface PopenOptions {
  /** Its standard input. Default: inherited from the parent. */
  stdin?: StandardStream | undefined
  /** Its standard output. Default: inherited from the parent. */
  stdout?: StandardStream | undefined
  /** Its standard error; `STDOUT` redirects it to standard output. Default: inherited from the parent. */
  stderr?: StandardStream | undefined
  /** Whether the command is run by a shell; a string names the shell. Default false. */
  shell?: boolean | string | undefined
  /** Its working directory. Default: the parent's. */
  cwd?: string | URL | undefined
  /** Its complete environment. Default: the parent's. */
  env?: NodeJS.ProcessEnv | undefined
  /**
   * The program to execute instead of the first argument, which stays its `argv[0]` (except with `umask`, or `stdout: PIPE` and
   * `stderr: STDOUT`). With `shell`, the shell to use.
   */
  executable?: string | undefined
  /** Whether pipes carry text, in UTF-8 or `encoding`, with line ends converted to `\n`, instead of bytes. Default false. */
  text?: boolean | undefined
  /** The older name of `text`. */
  universalNewlines?: boolean | undefined
  /** The encoding of text in the pipes, one that Node has, such as 'utf-8' or 'latin-1'; implies `text`. */
  encoding?: BufferEncoding | (string & {}) | undefined
  /**
   * How to handle bytes that cannot be decoded and characters that cannot be encoded: throw an error, replace them or drop them.
   * Implies `text`. Default: replace when reading, throw when writing.
   */
  errors?: EncodingErrors | undefined
  /** Accepted for compatibility with Python, without effect: data is always written immediately. */
  bufsize?: number | undefined
  /** File descriptors to pass to it under the same numbers, in addition to the standard streams. */
  passFds?: readonly number[] | undefined
  /** Whether it runs in a new session, unaffected by the terminal's signals. Default false. */
  startNewSession?: boolean | undefined
  /** The permissions that files it creates do not get, such as 0o077. Default: the parent's mask, as with -1. */
  umask?: number | undefined
  /** The user to run as: an id, or a name in /etc/passwd. */
  user?: number | string | undefined
  /** The group to run as: an id, or a name in /etc/group. */
  group?: number | string | undefined
}

/** The arguments for Node's `spawn`. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** The actual program if `program` is only a shell that executes it. */
  readonly wrapped: string | undefined
  /** The program's `argv[0]`, if that is not its path. */
  readonly argv0: string | undefined
  readonly stdio: StdioOptions
}

type Stream = number | 'pipe' | 'ignore' | NodeStream

/** Checks a command and its options and converts them for `spawn`. */
export function commandOf(args: string | readonly string[], options: PopenOptions): Command {
  const list = typeof args === 'string' ? [args] : Array.isArray(args) ? [...args] : undefined
  if (list === undefined || list.length === 0 || list.some((part) => typeof part !== 'string')) {
    const given = list === undefined ? show(args) : `[${list.map(show).join(', ')}]`
    throw new TypeError(`Expected \`args\` to be a command or an array of a program and its arguments, got ${given}`)
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
  const mask = options.umask ?? -1
  if ((!merge || stdout !== 'pipe') && mask < 0) {
    const program = options.executable ?? command[0]
    const argv0 = program === command[0] ? undefined : command[0]
    return { program, wrapped: undefined, args: command.slice(1), argv0, stdio: [stdin, stdout, stderr, ...given] }
  }
  // Node can neither connect two streams of a child to the same pipe nor set its mask. A shell can, and then executes the program
  // under the same pid.
  const wrapped = options.executable ?? command[0]
  const wrapper = shellArguments(wrapped, command.slice(1), options.env ?? process.env, { mask, merge })
  const stdio = [stdin, stdout, merge ? 'ignore' : stderr, ...given]
  return { program: '/bin/sh', wrapped, args: wrapper, argv0: undefined, stdio }
}

function shellCommand(list: readonly string[], options: PopenOptions): [string, ...string[]] {
  const shell = typeof options.shell === 'string' ? options.shell : '/bin/sh'
  return [options.executable ?? shell, '-c', ...list]
}

/** The streams that follow the standard streams: each passed descriptor at its own number, the gaps ignored. */
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
  // Data that was read ahead cannot be put back. In that case the rest is read here as well and copied into a new pipe.
  if (own === 0 && stream instanceof PipeReader) return stream.lend() ?? 'pipe'
  if (own !== 0 && stream instanceof PipeWriter) return stream.lend()
  const descriptor = typeof stream === 'object' ? (stream as { readonly fd?: number }).fd : stream
  if (typeof descriptor === 'number' && Number.isInteger(descriptor) && descriptor >= 0) return descriptor
  const also = own === 2 ? ', STDOUT' : ''
  const pipe = own === 0 ? "another program's `stdout` or `stderr`" : "another program's `stdin`"
  const expected = `PIPE, DEVNULL${also}, a file descriptor, something with one, or ${pipe}`
  throw (typeof stream === 'number' ? wrongValue : wrongType)(name, expected, stream)
}
