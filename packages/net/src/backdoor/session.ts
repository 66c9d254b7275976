import type { REPLServer } from 'node:repl'
import type { Duplex } from 'node:stream'
import { type Coroutine, fromCallback, until } from '@greenlit/core'

/** What a session begins with. */
export interface SessionOptions {
  /** Names that the session knows; each session has its own. */
  readonly locals: Readonly<Record<string, unknown>>
  /** The text in front. */
  readonly banner: string
}

/** Runs one session until its user leaves, the connection ends or the greenlet is killed. */
export function* runSession(stream: Duplex, { locals, banner }: SessionOptions): Coroutine<void> {
  // Loaded when it is needed: most servers never have a session.
  const { start } = yield* until(import('node:repl'))
  stream.on('error', () => {})
  stream.write(`${banner}\n`)
  const session = start({ input: stream, output: stream, prompt: '>>> ', terminal: false, ignoreUndefined: true })
  // readline repeats the errors of its input: a connection that is reset ends the session, not the program.
  session.on('error', () => {})
  try {
    const ended = fromCallback((resume) => {
      session.once('exit', () => resume())
      stream.once('close', () => resume())
    })
    for (const [name, value] of Object.entries({ ...sessionGlobals(session, stream), ...locals })) {
      // Assigning would go through to what all of the program sees, as `process` has a setter.
      Object.defineProperty(session.context, name, { value, writable: true, configurable: true, enumerable: true })
    }
    yield* ended
  } finally {
    session.close()
    stream.end()
  }
}

/** What would end or fill the whole program concerns the session only. */
function sessionGlobals(session: REPLServer, stream: Duplex): Record<string, unknown> {
  const quit = () => {
    // It would be shown once more.
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
