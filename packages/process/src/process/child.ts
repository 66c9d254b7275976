import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { osError } from '../errors/os-error.ts'
import { exitByte, exitNumber } from '../signals.ts'
import { PipeTransport } from '../transport/pipe-transport.ts'
import { PortTransport } from '../transport/port-transport.ts'
import type { Transport } from '../transport/transport.ts'
import { builtFile } from './built-file.ts'
import { guard, unguard } from './guardian.ts'

/** What a process runs on: a process of the system, or a thread of this one. */
export type ContextName = 'process' | 'thread'

/** A process or thread that was started, as the system has it. */
export interface Child {
  readonly transport: Transport
  readonly pid: number | undefined
  /** The process of the system, if it is one. */
  readonly system: ChildProcess | undefined
  /** Ends it from outside. */
  kill(signal: NodeJS.Signals): void
  /** Keeps the program alive until it has ended. */
  ref(): void
  unref(): void
}

/** How long the rest of a dead process's output may take: something that it started may hold the line open. */
const LAST_WORDS = 1000

/** Starts a process or thread that waits to be told what to do. */
export function startChild(context: ContextName, onExit: (exitcode: number, error: Error | undefined) => void): Child {
  return context === 'thread' ? startThread(onExit) : startProcess(onExit)
}

function startProcess(onExit: (exitcode: number, error: Error | undefined) => void): Child {
  const system = fork(builtFile('child/entry'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    execArgv: flagsForChild(process.execArgv),
    serialization: 'advanced',
  })
  // With no file descriptors left, Node has not even made the streams.
  const line = system.stdio?.[4] as Socket | undefined
  if (line === undefined) {
    system.on('error', () => {})
    throw osError('EMFILE')
  }
  const transport = new PipeTransport(line)
  system.channel?.unref()
  const { pid } = system
  let error: Error | undefined
  let exitcode: number | undefined
  let silent = false
  const finish = () => {
    if (exitcode !== undefined && silent) onExit(exitcode, error)
  }
  const exited = (number: number) => {
    if (exitcode !== undefined) return
    exitcode = number
    if (pid !== undefined) unguard(pid)
    setTimeout(() => transport.destroy(), LAST_WORDS).unref()
    finish()
  }
  transport.onEnd = () => {
    silent = true
    // Its line no longer keeps the program alive for those who wait; its exit is about to come.
    if (exitcode === undefined) system.ref()
    finish()
  }
  system.once('exit', (code, signal) => exited(exitNumber(code, signal)))
  system.on('error', (failure) => {
    if (system.pid !== undefined) return
    error = failure
    silent = true
    exited(1)
  })
  if (pid !== undefined) guard(pid)
  return {
    transport,
    pid,
    system,
    kill: (signal) => void system.kill(signal),
    ref: () => system.ref(),
    unref: () => system.unref(),
  }
}

/** The flags that a child of the same kind needs: not those that say what to run, or that one process at a time can have. */
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
  // A thread has this process's flags, which must not say to run a text.
  const isText = process.execArgv.some((flag) => /^(-e|-p|-pe|--eval|--print|--input-type)\b/.test(flag))
  const worker = new Worker(builtFile('child/entry'), isText ? { execArgv: [] } : {})
  // Both the line and the thread are the worker: it lets the program end when neither is to keep it alive.
  const held = { line: true, thread: true }
  const hold = (part: keyof typeof held, on: boolean) => {
    held[part] = on
    if (held.line || held.thread) worker.ref()
    else worker.unref()
  }
  const transport = new PortTransport({
    postMessage: (value, transfers) =>
      transfers === undefined ? worker.postMessage(value) : worker.postMessage(value, transfers),
    on: (event, listener) => worker.on(event, listener),
    ref: () => hold('line', true),
    unref: () => hold('line', false),
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
    system: undefined,
    // A thread has no signals: whatever ends it ends it at once.
    kill: (signal) => {
      killed = exitNumber(null, signal)
      void worker.terminate()
    },
    ref: () => hold('thread', true),
    unref: () => hold('thread', false),
  }
}
