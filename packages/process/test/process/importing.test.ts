import { fileURLToPath } from 'node:url'
import type { Coroutine } from '@greenlit/core'
import { PIPE, Popen, Process } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { guardLeaks, run } from '../guard.ts'

guardLeaks()

const unguarded = fileURLToPath(new URL('../fixtures/unguarded.mjs', import.meta.url))

const REFUSAL = /Expected .*unguarded\.mjs to start no process while a child imports it/

/** Runs Node, and returns what it wrote to its standard output and error. */
function* outputOf(args: string[], way: string): Coroutine<[string, string]> {
  const cwd = new URL('.', import.meta.url)
  const options = { cwd, env: { ...process.env, WAY: way }, stdout: PIPE, stderr: PIPE, text: true } as const
  const program = new Popen([process.execPath, ...args], options)
  try {
    return yield* program.communicate(undefined, { timeout: 20_000 })
  } finally {
    program.kill()
    yield* program.wait()
  }
}

describe('A module that starts itself as a process whenever it is imported', () => {
  test.each(['process', 'thread', 'pool', 'threadPool', 'manager'])('is refused in the child, as a %s', (way) =>
    run(function* () {
      const [output, errors] = yield* outputOf([unguarded], way)
      expect(errors).toMatch(REFUSAL)
      expect(errors).toContain('if (parentProcess() === undefined)')
      expect(output).toBe(way === 'process' || way === 'thread' ? 'exit code 1\n' : '')
    }),
  )

  test('is refused in the child of a child if the main program is another module', () =>
    run(function* () {
      const script = `
        import { Process } from '@greenlit/process'
        const child = new Process({ target: { module: ${JSON.stringify(unguarded)}, export: 'nothing' } })
        child.start()
        await child.join()
        console.log('outer', child.exitcode)`
      expect(yield* outputOf(['--input-type=module', '-e', script], 'process')).toEqual([
        'exit code 1\nouter 0\n',
        expect.stringMatching(REFUSAL),
      ])
    }))
})

test('A module may start processes while a child imports it, if they do not import it again', () =>
  run(function* () {
    const child = new Process({
      target: { module: new URL('../fixtures/starts-others.mjs', import.meta.url), export: 'exitcode' },
    })
    child.start()
    yield* child.join()
    expect(child.exitcode).toBe(3)
  }))
