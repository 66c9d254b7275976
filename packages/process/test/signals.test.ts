import type { ChildProcess } from 'node:child_process'
import { GreenletExit, run } from '@greenlit/core'
import { Popen, Process } from '@greenlit/process'
import { afterEach, expect, test } from 'vitest'
import { guardLeaks } from './guard.ts'

guardLeaks()

const { exitCode } = process
afterEach(() => {
  process.exitCode = exitCode
})

const target = { module: new URL('./fixtures/process.mjs', import.meta.url), export: 'sleepLong' }

/** Ends a child by a signal, as Ctrl-C does, and has this process get the signal two turns after the end of the child is known. */
function interrupt(child: ChildProcess, signal: 'SIGINT' | 'SIGTERM'): void {
  child.once('exit', () => setImmediate(() => setImmediate(() => process.emit(signal))))
  process.kill(child.pid!, signal)
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to a whole program ends it before it goes on after its child',
  async (signal) => {
    const log: string[] = []
    const starts = [
      () => {
        const program = new Popen(['sleep', '60'])
        return [(program as unknown as { child: ChildProcess }).child, program.wait()] as const
      },
      () => {
        const child = new Process({ target })
        child.start()
        return [child.childProcess!, child.join()] as const
      },
    ]
    for (const start of starts) {
      const outcome: unknown = await run(function* () {
        const [child, wait] = start()
        interrupt(child, signal)
        yield* wait
        log.push('went on')
      })
      expect(outcome).toBeInstanceOf(GreenletExit)
    }
    expect(log).toEqual([])
    expect(process.exitCode).toBe(signal === 'SIGINT' ? 130 : 143)
  },
)

test('a signal to a whole program is recognized after the child was sent another one', async () => {
  for (const other of [0, 'SIGCONT'] as const) {
    const outcome: unknown = await run(function* () {
      const program = new Popen(['sleep', '60'])
      program.sendSignal(other)
      interrupt((program as unknown as { child: ChildProcess }).child, 'SIGTERM')
      return yield* program.wait()
    })
    expect(outcome).toBeInstanceOf(GreenletExit)
  }
})

test('a child ended by a signal is waited for as ever if this process gets none', () =>
  run(function* () {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
      const program = new Popen(['sleep', '60'])
      process.kill(program.pid, signal)
      expect(yield* program.wait()).toBe({ SIGINT: -2, SIGTERM: -15, SIGKILL: -9 }[signal])
    }
  }))
