import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { osError } from '../errors/os-error.ts'
import { exitByte, exitNumber, sendSignal, whenExited } from '../signals.ts'
import { PipeTransport } from '../transport/pipe-transport.ts'
import { PortTransport } from '../transport/port-transport.ts'
import type { Transport } from '../transport/transport.ts'
import { guard, unguard } from '../tree/guardian.ts'
import { builtFile } from './built-file.ts'
import { isText, programArguments } from './program.ts'

/** How a `Process` is run: as an operating system process, or as a thread of the current one. */
export type ContextName = 'process' | 'thread'

/** A started process or thread. */
export interface Child {
  readonly transport: Transport
  readonly pid: number | undefined
  /** Node's child process; `undefined` for a thread. */
  readonly childProcess: ChildProcess | undefined
  /** Terminates it. */
  kill(signal: NodeJS.Signals): void
  /** Keeps the program alive until it has exited. */
  ref(): void
  unref(): void
}

/** How long to read on after a process's exit, in milliseconds: a process that it started may keep the pipes open. */
const OUTPUT_TIMEOUT = 1000

/** Starts a process or thread, which then waits for its `Boot` message. */
export function startChild(context: ContextName, onExit: (exitcode: number, error: Error | undefined) => void): Child {
  return context === 'thread' ? startThread(onExit) : startProcess(onExit)
}

function startProcess(onExit: (exitcode: number, error: Error | undefined) => void): Child {
  const childProcess = fork(builtFile('child/entry'), programArguments(), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe', 'pipe'],
    execArgv: flagsForChild(process.execArgv),
    serialization: 'advanced',
  })
  // When file descriptors have run out, Node has not even created the streams.
  const [output, input] = (childProcess.stdio?.slice(4) ?? []) as Socket[]
  if (input === undefined || output === undefined) {
    childProcess.on('error', () => {})
    throw osError('EMFILE')
  }
  const transport = new PipeTransport(input, output)
  childProcess.channel?.unref()
  const { pid } = childProcess
  let error: Error | undefined
  let exitcode: number | undefined
  let isDrained = false
  let isHeld = true
  let timer: NodeJS.Timeout | undefined
  const finish = () => {
    if (exitcode === undefined || !isDrained) return
    clearTimeout(timer)
    onExit(exitcode, error)
  }
  const exited = (number: number) => {
    if (exitcode !== undefined) return
    exitcode = number
    if (pid !== undefined) unguard(pid)
    timer = setTimeout(() => transport.destroy(), OUTPUT_TIMEOUT)
    // Nothing else keeps the program alive between the exit and the end of the pipe.
    if (!isHeld) timer.unref()
    finish()
  }
  transport.onEnd = () => {
    isDrained = true
    // The pipe can no longer keep the program alive for waiting greenlets, and the exit is about to be reported.
    if (exitcode === undefined) childProcess.ref()
    finish()
  }
  whenExited(childProcess, exited)
  childProcess.on('error', (failure) => {
    if (childProcess.pid !== undefined) return
    error = failure
    isDrained = true
    exited(1)
  })
  if (pid !== undefined) guard(pid)
  return {
    transport,
    pid,
    childProcess,
    kill: (signal) => sendSignal(childProcess, signal),
    ref() {
      isHeld = true
      childProcess.ref()
      timer?.ref()
    },
    unref() {
      isHeld = false
      childProcess.unref()
      timer?.unref()
    },
  }
}

/**
 * The Node flags to pass on to a child: all but those that say what to run, and those for one process only, such as `--inspect`.
 */
function flagsForChild(flags: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < flags.length; index += 1) {
    const flag = flags[index]!
    if (/^(-e|-p|-pe|--eval|--print)$/.test(flag)) index += 1
    else if (!/^--(eval|print|input-type|inspect|test|watch)\b/.test(flag)) kept.push(flag)
  }
  return kept
}

function startThread(onExit: (exitcode: number, error: Error | undefined) => void): Child {
  // A thread inherits this process's flags, and `--eval` and its like would apply to the worker as well.
  const options = { argv: programArguments() }
  const worker = new Worker(builtFile('child/entry'), isText() ? { ...options, execArgv: [] } : options)
  // The transport and the thread share one Node worker: it is unreferenced only when neither should keep the program alive.
  const refs = { transport: true, thread: true }
  const setRef = (part: keyof typeof refs, on: boolean) => {
    refs[part] = on
    if (refs.transport || refs.thread) worker.ref()
    else worker.unref()
  }
  const transport = new PortTransport({
    postMessage: (value, transfers) =>
      transfers === undefined ? worker.postMessage(value) : worker.postMessage(value, transfers),
    on: (event, listener) => worker.on(event, listener),
    ref: () => setRef('transport', true),
    unref: () => setRef('transport', false),
  })
  let killed: number | undefined
  let error: Error | undefined
  worker.on('error', (failure) => {
    error = failure
    process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`)
  })
  worker.once('exit', (code) => {
    transport.end()
    onExit(killed ?? exitByte(code), error)
  })
  return {
    transport,
    pid: process.pid,
    childProcess: undefined,
    // A thread gets no signals: any signal terminates it immediately.
    kill: (signal) => {
      killed = exitNumber(null, signal)
      void worker.terminate()
    },
    ref: () => setRef('thread', true),
    unref: () => setRef('thread', false),
  }
}
