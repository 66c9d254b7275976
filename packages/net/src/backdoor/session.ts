import type { REPLServer } from 'node:repl'
import type { Duplex } from 'node:stream'
import { type Coroutine, fromCallback, until } from '@greenlit/core'

/** Options of a session. */
export interface SessionOptions {
  /** Variables defined in the session. */
  readonly locals: Readonly<Record<string, unknown>>
  /** The text printed first. */
  readonly banner: string
}

/** Runs one session until the user quits, the connection ends or the greenlet is killed. */
export function* runSession(stream: Duplex, { locals, banner }: SessionOptions): Coroutine<void> {
  // Loaded on demand: most servers never have a session.
  const { start } = yield* until(import('node:repl'))
  stream.on('error', () => {})
  stream.write(`${banner}\n`)
  const session = start({ input: stream, output: stream, prompt: '>>> ', terminal: false, ignoreUndefined: true })
  // readline re-emits the errors of its input: a connection reset must end the session, not the program.
  session.on('error', () => {})
  try {
    const ended = fromCallback((resume) => {
      session.once('exit', () => resume())
      stream.once('close', () => resume())
    })
    for (const [name, value] of Object.entries({ ...sessionGlobals(session, stream), ...locals })) {
      // An assignment could reach the global object of the program, for example through the setter of `process`.
      Object.defineProperty(session.context, name, { value, writable: true, configurable: true, enumerable: true })
    }
    yield* ended
  } finally {
    session.close()
    stream.end()
  }
}

/** Replacements for globals that would affect the whole program: exiting and the standard streams concern only the session. */
function sessionGlobals(session: REPLServer, stream: Duplex): Record<string, unknown> {
  const quit = () => {
    // Closing would print the prompt once more.
    session.setPrompt('')
    session.close()
  }
  const own: Record<PropertyKey, unknown> = { exit: quit, stdout: stream, stderr: stream, stdin: stream }
  const { process } = globalThis
  return {
    quit,
    exit: quit,
    process: new Proxy(process, { get: (real, name) => (name in own ? own[name] : Reflect.get(real, name, real)) }),
  }
}
