import * as crypto from 'node:crypto'
import * as dns from 'node:dns'
import { EventEmitter } from 'node:events'
import * as fs from 'node:fs'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { each, green, iterate, type Operation, once, original, sleep, spawn, until } from '@greenlit/core'
import { describe, expect, it } from 'vitest'
import { program, raisedBy } from '../support.ts'

type Done<T> = (error: Error | null, value: T) => void

describe('green.callback', () => {
  it(
    'turns a function with a trailing callback into one that returns an operation, and calls it when that is waited for',
    program(function* () {
      let calls = 0
      const legacy = green.callback({
        base: 1,
        add(a: number, b: number, callback: Done<number>) {
          calls += 1
          setImmediate(callback, null, this.base + a + b)
        },
        now: (callback: Done<string>) => callback(null, 'at once'),
        fail: (callback: Done<never>) => setImmediate(callback, new Error('no'), undefined as never),
        nothing: (callback: () => void) => setImmediate(callback),
        several: (callback: (error: Error | null, a: number, b: string) => void) => callback(null, 1, 'two'),
      })
      const operation = legacy.add(2, 3)
      expect(calls).toBe(0)
      expect(yield* operation).toBe(6)
      expect(yield* legacy.now()).toBe('at once')
      expect(yield* raisedBy(legacy.fail())).toMatchObject({ message: 'no' })
      expect(yield* legacy.nothing()).toBe(undefined)
      expect(yield* legacy.several()).toEqual([1, 'two'])
      expect(yield* green.callback((text: string, k: Done<string>) => k(null, text.trim()))(' a ')).toBe('a')
    }),
  )

  it(
    'works for modules of Node, leaving their synchronous functions unchanged',
    program(function* () {
      const files = green.callback(fs)
      expect(files.existsSync('.')).toBe(true)
      expect((yield* files.stat('.')).isDirectory()).toBe(true)
      expect(yield* raisedBy(files.readFile('no such file', 'utf8'))).toMatchObject({ code: 'ENOENT' })
      expect((yield* files.promises.stat('.')).isDirectory()).toBe(true)
      const stream = files.createReadStream('package.json')
      stream.destroy()
      const packed = yield* green.callback(zlib).gzip('text')
      expect(String(yield* green.callback(zlib).gunzip(packed))).toBe('text')
      expect(yield* green.callback(dns).lookup('127.0.0.1', { all: true })).toEqual([
        { address: '127.0.0.1', family: 4 },
      ])
    }),
  )

  it(
    'respects promisify.custom',
    program(function* () {
      const ask = Object.assign((_question: string, answer: (yes: boolean) => void) => answer(true), {
        [promisify.custom]: (question: string) => Promise.resolve(`${question} yes`),
      })
      const view = green.callback({ ask }) as unknown as { ask(question: string): Operation<string> }
      expect(yield* view.ask('now?')).toBe('now? yes')
    }),
  )

  it(
    'leaves methods inherited from EventEmitter unchanged',
    program(function* () {
      class Database extends EventEmitter {
        load(key: string, callback: Done<string>): void {
          this.emit('loading', key)
          callback(null, `value of ${key}`)
        }
      }
      const database = green.callback(new Database())
      const heard: unknown[] = []
      database.on('loading', (key: string) => void heard.push(key))
      expect(yield* database.load('a')).toBe('value of a')
      expect(database.emit('loading', 'b')).toBe(true)
      database.removeAllListeners('loading')
      expect(database.listenerCount('loading')).toBe(0)
      expect(heard).toEqual(['a', 'b'])
    }),
  )

  it(
    'leaves methods of streams that take no trailing callback unchanged',
    program(function* () {
      const pipe = green.callback(new PassThrough())
      const heard: unknown[] = []
      expect(pipe.setEncoding('utf8')).toBe(pipe)
      expect(pipe.on('data', (piece: unknown) => void heard.push(piece))).toBe(pipe)
      const end = new PassThrough()
      pipe.pipe(end)
      yield* pipe.write('text')
      yield* once(end, 'readable')
      expect(heard).toEqual(['text'])
      pipe.destroy()
      expect(pipe.destroyed).toBe(true)
      end.destroy()
    }),
  )

  it(
    'can be iterated asynchronously',
    program(function* () {
      const files = green.callback(fs)
      const names: string[] = []
      const open = function* () {
        return (yield* files.opendir('packages/core')) as unknown as fs.Dir
      }
      yield* each(iterate(yield* open()), (entry) => {
        names.push(entry.name)
      })
      expect(names).toContain('src')
      const directory = yield* open()
      const inPlainCode = async () => {
        const found: string[] = []
        for await (const entry of directory) found.push(entry.name)
        return found
      }
      expect((yield* until(inPlainCode())).sort()).toEqual(names.sort())
    }),
  )

  it('leaves functions with a trailing encoding unchanged', () => {
    const hash = green.callback(crypto).createHash('sha1')
    expect(hash.update('text', 'utf8').digest('hex')).toBe(crypto.createHash('sha1').update('text').digest('hex'))
  })

  it('returns a different view from green, and original returns the object itself', () => {
    const thing = { load: (callback: Done<number>) => callback(null, 1) }
    expect(green.callback(thing)).toBe(green.callback(thing))
    expect(green.callback(thing)).not.toBe(green(thing))
    expect(original(green.callback(thing))).toBe(thing)
    expect(green.callback(green(thing))).toBe(green.callback(thing))
  })

  it(
    'aborts the work of a killed call that takes a signal',
    program(function* () {
      let aborted = false
      const legacy = green.callback({
        load(_name: string, options: { signal?: AbortSignal }, callback: Done<string>) {
          options.signal?.addEventListener('abort', () => {
            aborted = true
            callback(new Error('aborted'), '')
          })
        },
      })
      const waiter = spawn(() => legacy.load('a', {}))
      yield* sleep(0)
      yield* waiter.kill()
      expect(aborted).toBe(true)
    }),
  )
})
