import { Lock, run as runProgram, Array as SharedArray, Value } from '@greenlit/process'
import { describe, expect, test } from 'vitest'
import { joined, starter } from '../children.ts'
import { failure, guardLeaks, run } from '../guard.ts'

guardLeaks()

describe('Value', () => {
  test.each([
    ['b', -128, 200],
    ['B', 255, -1],
    ['h', -32_768, 40_000],
    ['H', 65_535, -1],
    ['i', -(2 ** 31), 2 ** 31],
    ['I', 2 ** 32 - 1, 2 ** 32],
    ['l', -Number.MAX_SAFE_INTEGER, 2 ** 60],
    ['L', Number.MAX_SAFE_INTEGER, -1],
    ['q', -(2n ** 63n), 5],
    ['Q', 2n ** 64n - 1n, -1n],
    ['f', 1.5, 'x'],
    ['d', 0.1, 'x'],
    ['c', 'x', 'xy'],
  ] as const)('of type %s keeps %s and refuses %s', (typecode, good, bad) => {
    const value = new Value(typecode as 'd', good as number)
    expect(value.value).toBe(good)
    expect(() => {
      value.value = bad as number
    }).toThrow(typeof bad === typeof good ? RangeError : TypeError)
    expect(value.value).toBe(good)
  })

  test('can be used like a value of a manager', () =>
    run(function* () {
      const value = new Value('i', 1)
      const set = value.set(2)
      expect([value.value, yield* value.get()]).toEqual([1, 1])
      yield* set
      expect([value.value, yield* value.get()]).toEqual([2, 2])
      expect(yield* failure(value.set('3' as never))).toBeInstanceOf(TypeError)
      expect(yield* failure(value.set(2 ** 31))).toBeInstanceOf(RangeError)
    }))

  test('is initially zero, and has the lock that it is given', () => {
    expect(new Value('i').value).toBe(0)
    expect(new Value('q').value).toBe(0n)
    const lock = new Lock()
    expect(new Value('i', 0, { lock }).getLock()).toBe(lock)
    expect(() => new Value('i', 0, { lock: false }).getLock()).toThrow('without one')
    expect(() => new Value('x' as never)).toThrow('Expected `typecode`')
    expect(() => new Value('i', 0, { lock: 5 as never })).toThrow('Expected `lock`')
  })

  test.each(['process', 'thread'] as const)('counts correctly in two of a %s, under its lock', (context) =>
    run(function* () {
      const value = new Value('i', 0)
      const start = starter(context)
      yield* joined(start('increment', value, 25), start('increment', value, 25))
      expect(value.value).toBe(50)
    }),
  )
})

describe('Array', () => {
  test('of characters has a text', () => {
    const text = new SharedArray('c', 'hello world')
    expect([text.value, text.length]).toEqual(['hello world', 11])
    text.value = text.value.toUpperCase()
    expect([...text].join('')).toBe('HELLO WORLD')
    text.value = 'short'
    expect([text.value, [...text].join('')]).toEqual(['short', 'short\0WORLD'])
    expect([new SharedArray('c', 3).value, new SharedArray('c', Buffer.from([0x61, 0xe9])).value]).toEqual(['', 'aé'])
    expect(() => {
      text.value = 'twelve chars'
    }).toThrow('at most 11 characters, got 12')
    expect(() => text.set(0, '€')).toThrow(RangeError)
    expect(() => text.set(0, '')).toThrow(RangeError)
    expect(text.value).toBe('short')
    expect(() => {
      text.value = 5 as never
    }).toThrow(TypeError)
    expect(() => new SharedArray('i', 3).value).toThrow("of type 'i'")
    expect(() => new SharedArray('i', 'abc' as never)).toThrow(TypeError)
  })

  test.each([
    ['b', -128, 127],
    ['B', 0, 255],
    ['h', -32_768, 32_767],
    ['H', 0, 65_535],
    ['i', -(2 ** 31), 2 ** 31 - 1],
    ['I', 0, 2 ** 32 - 1],
    ['l', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['L', 0, Number.MAX_SAFE_INTEGER],
    ['q', -(2n ** 63n), 2n ** 63n - 1n],
    ['Q', 0n, 2n ** 64n - 1n],
  ] as const)('of type %s holds numbers from %s to %s, and no others', (typecode, least, most) => {
    expect([...new SharedArray(typecode, [least, most] as never)]).toEqual([least, most])
    const one = typeof least === 'bigint' ? 1n : 1
    for (const beyond of [(least as number) - (one as number), (most as number) + (one as number)])
      expect(() => new SharedArray(typecode, [beyond] as never)).toThrow(RangeError)
  })

  test('is refused without values or a length', () => {
    for (const init of [undefined, {}, true, Number.NaN, 1.5])
      expect(() => new SharedArray('i', init as never)).toThrow(
        'Expected `init` to be a whole number from 0 up or values',
      )
  })

  test('is indexed, sliced and iterated as an array', () => {
    const array = new SharedArray('i', [1, 2, 3])
    array[1] = 20
    array[-1]! += 5
    expect([array.length, array[0], [...array], array.slice(1), array.slice(-1)]).toEqual([
      3,
      1,
      [1, 20, 8],
      [20, 8],
      [8],
    ])
    expect(() => array[3]).toThrow(RangeError)
    expect(() => array.get('0' as never)).toThrow('Expected an index to be a whole number, got "0"')
    expect(() => {
      array[0] = 2 ** 40
    }).toThrow(RangeError)
    expect([...new SharedArray('d', 3)]).toEqual([0, 0, 0])
    expect([...new SharedArray('d', 0)]).toEqual([])
    expect(() => new SharedArray('d', -1)).toThrow('Expected `init`')
  })

  test('is refused if the device has no room for all of it', () =>
    run(function* () {
      const script = `
        import { Array } from '@greenlit/process'
        new Array('d', 10_000)
      `
      // The largest file in blocks of 512 or 1024 bytes.
      const limited = [
        '/bin/sh',
        '-c',
        'ulimit -f 8; exec "$@"',
        'sh',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      ]
      const ended = yield* runProgram(limited, { captureOutput: true, text: true, cwd: new URL('.', import.meta.url) })
      expect([ended.returncode, ended.stderr]).toEqual([1, expect.stringContaining('EFBIG')])
    }))

  test.each(['process', 'thread'] as const)('is changed by a %s', (context) =>
    run(function* () {
      const array = new SharedArray('d', [1, 2.5, -3])
      yield* joined(starter(context)('doubleAll', array))
      expect([...array]).toEqual([2, 5, -6])
    }),
  )
})
