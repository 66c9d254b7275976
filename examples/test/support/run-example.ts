import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const built = fileURLToPath(new URL('../../dist/', import.meta.url))

/** What a run of an example gave. */
export interface ExampleRun {
  readonly output: string
  readonly errors: string
  readonly lines: readonly string[]
  /** The exit status, or the signal that ended it. */
  readonly status: number | NodeJS.Signals
}

/** A program of the examples, started as a user starts it: built, in a Node process of its own. */
export function startExample(
  name: string,
  args: readonly string[] = [],
): { child: ChildProcess; ended: Promise<ExampleRun> } {
  const child = spawn(process.execPath, [`${built}${name}.js`, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'close').then(([code, signal]): ExampleRun => {
    const lines = output.split('\n').filter((line) => line !== '')
    return { output, errors, lines, status: code ?? signal }
  })
  return { child, ended }
}

/** Runs an example to its end. */
export function runExample(name: string, args: readonly string[] = []): Promise<ExampleRun> {
  return startExample(name, args).ended
}
