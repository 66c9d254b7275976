import { GreenletExit, getHub, spawn, until } from '@greenlit/core'
import { drive, runCallback } from '@greenlit/core/engine'
import { tryString, UNSHOWABLE } from '../codec/errors.ts'
import { decode, encodeError, type Payload } from '../codec/payload.ts'
import { finishChildren } from '../process/children.ts'
import { becomeChild } from '../process/identity.ts'
import type { Boot } from '../process/launch.ts'
import { registerSharedClasses } from '../process/shared-classes.ts'
import { SystemExit } from '../process/system-exit.ts'
import { loadTarget } from '../process/target.ts'
import { exitByte } from '../signals.ts'
import type { Transport } from '../transport/transport.ts'
import { NOTE_START } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'

/** How long a child whose parent has ended may take to clean up, in milliseconds. */
const ORPHAN_GRACE = 500

/** How long a child that ends waits for the owners of what it has just given up waiting for, in milliseconds. */
const GIVEN_UP_TIMEOUT = 1000

/** Waits for the boot message, runs its target, and exits. */
export function runChild(link: Transport): void {
  registerSharedClasses()
  getHub().SYSTEM_ERROR.push(SystemExit)
  link.onMessage = (header, payload) => {
    const boot = header[NOTE_START + 1] as Boot
    const { name, daemon, context, parent, modulesAtStart } = boot
    becomeChild({ name, daemon, context, parent, modulesAtStart })
    tree.adopt(boot.id, link)
    const early: Parameters<Transport['onMessage']>[] = []
    link.onMessage = (...message) => early.push(message)
    const begun = () => {
      link.onMessage = (next, bytes) => tree.route(next, bytes, 'parent')
      for (const [next, bytes] of early) tree.route(next, bytes, 'parent')
    }
    // What was sent may still be unwritten when `process.exit` is called.
    process.on('exit', () => tree.flush(() => {}))
    void live(boot, payload!, link, begun)
  }
  // The parent ended before it sent the boot message.
  link.onEnd = () => process.exit(1)
}

/** @param begun what to call once the target has run up to its first wait: it may make objects that are asked for already */
async function live(boot: Boot, payload: Payload, link: Transport, begun: () => void): Promise<void> {
  let failure: { error: unknown } | undefined
  const fail = (error: unknown) => {
    if (!(error instanceof GreenletExit)) failure ??= { error }
  }
  let promise: Promise<unknown> | undefined
  const main = spawn(function* main() {
    try {
      // The module is loaded first: it may register the classes of the arguments.
      const fn = yield* until(loadTarget(boot.target))
      runCallback(begun)
      const result = fn(...(decode(payload) as unknown[]))
      // No greenlet waits for an async function: it may await `run`, which on a signal ends all greenlets before it returns.
      if (result instanceof Promise) promise = result
      else yield* drive(result)
    } catch (error) {
      fail(error)
    }
  })
  main.name = boot.name
  link.onEnd = () => {
    setTimeout(() => process.exit(1), ORPHAN_GRACE)
    void main.kill().then(() => process.exit(1))
  }
  try {
    try {
      await main.join()
      await promise?.catch(fail)
    } catch (error) {
      // Another greenlet threw what ends the process.
      fail(error)
      await main.kill()
    }
    await finishChildren()
  } catch (error) {
    failure ??= { error }
  }
  await givenUp()
  leave(boot, failure)
}

/** Waits until what is on its way here for calls that were given up has gone back. */
function givenUp(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GIVEN_UP_TIMEOUT)
    tree.requests.afterGivenUp(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Reports how the process ended, and exits. */
function leave(boot: Boot, failure: { error: unknown } | undefined): void {
  const exitcode = exitByte(failure === undefined ? Number(process.exitCode ?? 0) : exitcodeOf(boot, failure.error))
  const error = failure === undefined || exitcode === 0 ? undefined : encodeError(failure.error)
  tree.note(boot.parent.id, ['leaving', exitcode], error)
  tree.flush(() => {
    void Promise.all([written(process.stdout), written(process.stderr)]).then(() => process.exit(exitcode))
  })
}

/** Waits until printed output has been written: on a pipe that others write to as well, Node may still have some of it buffered. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}

function exitcodeOf(boot: Boot, error: unknown): number {
  if (error instanceof SystemExit) {
    const given = error.status ?? 0
    const status = typeof given === 'boolean' ? Number(given) : given
    if (Number.isInteger(status)) return status as number
    process.stderr.write(`${status}\n`)
    return 1
  }
  const text = tryString(() => (error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : error))
  process.stderr.write(`Process ${boot.name}:\n${text ?? UNSHOWABLE}\n`)
  return 1
}
