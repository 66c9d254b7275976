import { type Coroutine, Event, getcurrent, joinall, Queue, sleep, spawn } from '@greenlit/core'
import { formatRunInfo, GreenletTree, printRunInfo } from '@greenlit/core/observe'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { collectReports, program, turns } from '../support.ts'

describe('GreenletTree', () => {
  it(
    'shows which greenlet spawned which, and what each one does',
    program(function* () {
      const gate = new Event()
      const parent = spawn(function* () {
        const waiting = spawn(function* () {
          yield* gate.wait()
        })
        waiting.name = 'waiting'
        yield* gate.wait()
      })
      parent.name = 'parent'
      const other = spawn(() => new Queue().get())
      other.name = 'other'
      yield* turns(4)
      const [tree] = GreenletTree.forest()
      expect(tree!.format({ details: false }).split('\n')).toEqual([
        expect.stringMatching(/^<MainGreenlet .*>; running$/),
        expect.stringMatching(/^\+--- <Hub>; runs the others$/),
        '+--- <Greenlet parent>; waits on Event.wait',
        '|    +--- <Greenlet waiting>; waits on Event.wait',
        '+--- <Greenlet other>; waits on Queue.get',
      ])
      expect(String(tree)).toBe(tree!.format({ details: false }))
      gate.set()
      yield* parent
      yield* other.kill()
    }),
  )

  it(
    'keeps a greenlet that has ended, with its outcome, while greenlets that it spawned are alive',
    program(function* () {
      const gate = new Event()
      const reports = collectReports()
      const parents = [false, true].map((fails) =>
        spawn(function* () {
          yield* sleep(0)
          spawn(() => gate.wait()).name = 'child'
          if (fails) throw new RangeError('no')
          return { a: 1 }
        }),
      )
      parents[0]!.name = 'finished'
      parents[1]!.name = 'failed'
      yield* joinall(parents)
      yield* turns(1)
      const lines = GreenletTree.forest()[0]!.formatLines({ details: false })
      expect(lines.slice(-4)).toEqual([
        '+--- <Greenlet finished>; finished with value {"a":1}',
        '|    +--- <Greenlet child>; waits on Event.wait',
        '+--- <Greenlet failed>; finished with RangeError: no',
        '     +--- <Greenlet child>; waits on Event.wait',
      ])
      expect(reports.length).toBe(1)
      gate.set()
      yield* turns(1)
    }),
  )

  it(
    'shows the beginning of a long value, in one line',
    program(function* () {
      const gate = new Event()
      const parent = spawn(function* () {
        spawn(() => gate.wait()).name = 'child'
        return `a\nb${'c'.repeat(100)}`
      })
      parent.name = 'parent'
      yield* turns(2)
      const line = GreenletTree.forest()[0]!.formatLines({ details: false }).at(-2)
      expect(line).toBe(`+--- <Greenlet parent>; finished with value a b${'c'.repeat(76)}…`)
      gate.set()
    }),
  )

  it(
    'does not say where a greenlet is suspended that has ended',
    program(function* () {
      const gate = new Event()
      const parent = spawn(function* () {
        yield* turns(1)
        spawn(() => gate.wait())
      })
      parent.name = 'parent'
      yield* parent
      const lines = GreenletTree.forest()[0]!.formatLines()
      const at = lines.indexOf('+--- <Greenlet parent>; finished with value undefined')
      expect(lines[at + 1]).toMatch(/^ {5}\+--- <Greenlet /)
      gate.set()
    }),
  )

  it(
    'shows a value by its own toString, if it has one',
    program(function* () {
      const gate = new Event()
      const parent = spawn(function* () {
        const child = spawn(() => gate.wait())
        child.name = 'child'
        return child
      })
      parent.name = 'parent'
      yield* turns(2)
      expect(GreenletTree.forest()[0]!.formatLines({ details: false }).slice(-2)).toEqual([
        '+--- <Greenlet parent>; finished with value <Greenlet child>',
        '     +--- <Greenlet child>; waits on Event.wait',
      ])
      gate.set()
    }),
  )

  it(
    'shows where each greenlet waits and was spawned, and its spawn tree locals',
    program(function* () {
      function* inner() {
        yield* sleep(60_000)
      }
      const worker = spawn(function* outer() {
        yield* inner()
      })
      worker.name = 'worker'
      worker.spawnTreeLocals.request = 7
      yield* turns(1)
      const lines = GreenletTree.forest()[0]!.formatLines()
      const text = lines.slice(lines.findIndex((line) => line.includes('worker'))).join('\n')
      expect(text).toContain('waits on sleep(60000)')
      expect(text).toMatch(/suspended\n +at outer \(.*greenlet-tree\.test\.ts/)
      expect(text).toMatch(/spawned\n +at .*greenlet-tree\.test\.ts/)
      expect(text).toContain('locals request=7')
      yield* worker.kill()
    }),
  )

  it(
    'finds the tree of the current greenlet',
    program(function* () {
      const greenlet = spawn(() => GreenletTree.currentTree().has(getcurrent()))
      expect(yield* greenlet).toBe(true)
      expect(GreenletTree.currentTree().has(greenlet)).toBe(false)
    }),
  )

  it(
    'handles a long chain of spawns',
    program(function* () {
      const gate = new Event()
      function* link(left: number): Coroutine<void> {
        if (left > 0) spawn(link, left - 1)
        yield* gate.wait()
      }
      spawn(link, 3000)
      yield* turns(3100)
      expect(GreenletTree.forest()[0]!.formatLines({ details: false }).length).toBe(3003)
      gate.set()
      yield* turns(2)
    }),
  )
})

describe('printRunInfo', () => {
  it(
    'writes the output of formatRunInfo',
    program(function* () {
      const sleeper = spawn(sleep, 60_000)
      sleeper.name = 'sleeper'
      yield* turns(1)
      let text = ''
      printRunInfo({ file: { write: (written) => void (text += written) } })
      expect(text.split('\n')[0]).toBe('Greenlets: 2; timers: 1; waits for something outside: 0')
      expect(text).toContain('<Greenlet sleeper>; waits on sleep(60000)')
      expect(formatRunInfo({ details: false }).length).toBe(4)
      yield* sleeper.kill()
    }),
  )

  it(
    'omits stack lines if the inspector does not answer, as in Deno and Bun',
    program(function* () {
      const disconnect = vi.fn()
      class Session {
        readonly disconnect = disconnect
        connect() {}
        on() {}
        post() {}
      }
      const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ Session })
      onTestFinished(() => getBuiltinModule.mockRestore())
      const sleeper = spawn(sleep, 60_000)
      sleeper.name = 'sleeper'
      yield* turns(1)
      expect(formatRunInfo().join('\n')).toContain('<Greenlet sleeper>; waits on sleep(60000)')
      expect(disconnect).toHaveBeenCalledOnce()
      yield* sleeper.kill()
    }),
  )

  it('works in plain code, and for greenlets that have yet to start', async () => {
    const sleeper = spawn(sleep, 1)
    sleeper.name = 'fresh'
    expect(formatRunInfo().join('\n')).toMatch(/<Greenlet fresh>; not started\n +will call sleep\n/)
    await sleeper
  })
})
