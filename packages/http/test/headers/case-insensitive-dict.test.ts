import { describe, expect, expectTypeOf, test } from 'vitest'
import { CaseInsensitiveDict } from '../../src/headers/case-insensitive-dict.ts'

describe('a header', () => {
  test('is found in any case', () => {
    const headers = new CaseInsensitiveDict({ 'Content-Type': 'text/html' })
    expect(headers.get('CONTENT-TYPE')).toBe('text/html')
    expect(headers.has('content-type')).toBe(true)
    expect(headers.get('accept')).toBeUndefined()
    expect(headers.get('accept', 'all')).toBe('all')
    expect(headers.delete('CONTENT-type')).toBe(true)
    expect(headers.delete('CONTENT-type')).toBe(false)
    expect(headers.size).toBe(0)
  })

  test('is rejected with an error that says what is wrong', () => {
    const headers = new CaseInsensitiveDict()
    expect(() => headers.set('Content-Length', 5 as never)).toThrow('Expected `value` to be a string or several, got 5')
    expect(() => headers.update({ 'Content-Length': 5 } as never)).toThrow(/^Expected `value`/)
    for (const pair of ['Accept: a', 'ab', ['Accept'], ['Accept', 'a', 'b']]) {
      expect(() => headers.update([pair] as never)).toThrow(/^Expected `headers` to hold pairs/)
    }
    for (const ask of [headers.get, headers.getAll, headers.has, headers.delete]) {
      expect(() => ask.call(headers, undefined as never)).toThrow('Expected `name` to be a string, got undefined')
    }
    expect(headers.size).toBe(0)
  })

  test('keeps the case in which it was last set, and its place', () => {
    const headers = new CaseInsensitiveDict([
      ['Accept', 'a'],
      ['Spam', 'blueval'],
    ])
    headers.set('ACCEPT', 'b')
    expect([...headers.keys()]).toEqual(['ACCEPT', 'Spam'])
    expect([...headers]).toEqual([
      ['ACCEPT', 'b'],
      ['Spam', 'blueval'],
    ])
    expect([...headers.lowerItems()]).toEqual([
      ['accept', 'b'],
      ['spam', 'blueval'],
    ])
  })

  test('may have the name of a property of Object.prototype', () => {
    const headers = CaseInsensitiveDict.fromRaw(['__proto__', 'a', 'constructor', 'b'])
    expect(headers.get('constructor')).toBe('b')
    expect(headers.get('__PROTO__')).toBe('a')
    expect(headers.get('toString')).toBeUndefined()
  })
})

describe('a header with several lines', () => {
  const raw = [
    'Vary',
    'a',
    'Set-Cookie',
    'x=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT',
    'vary',
    'b',
    'set-cookie',
    'y=2',
  ]

  test('reads as one value joined by commas, but Set-Cookie as an array', () => {
    const headers = CaseInsensitiveDict.fromRaw(raw)
    expect(headers.get('vary')).toBe('a, b')
    expect(headers.get('Set-Cookie')).toEqual(['x=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT', 'y=2'])
    expectTypeOf(headers.get('set-cookie')).toEqualTypeOf<string[] | undefined>()
    expectTypeOf(headers.get('vary')).toEqualTypeOf<string | undefined>()
    expect(headers.getAll('VARY')).toEqual(['a', 'b'])
    expect(headers.getAll('absent')).toEqual([])
  })

  test('shows each line separately', () => {
    const headers = CaseInsensitiveDict.fromRaw(raw)
    expect(headers.raw.flat()).toEqual(raw)
    expect(headers.copy().raw.flat()).toEqual(raw)
    headers.delete('VARY')
    expect(headers.raw.map(([name]) => name)).toEqual(['Set-Cookie', 'set-cookie'])
    headers.append('Vary', 'c').set('SET-COOKIE', ['z=3', 'w=4'])
    expect(headers.raw).toEqual([
      ['SET-COOKIE', 'z=3'],
      ['SET-COOKIE', 'w=4'],
      ['Vary', 'c'],
    ])
  })
})

describe('headers as a whole', () => {
  test('are equal in any case and order', () => {
    const headers = new CaseInsensitiveDict({ Accept: 'a', Spam: 'b' })
    expect(headers.equals({ SPAM: 'b', accept: 'a' })).toBe(true)
    expect(headers.equals(new CaseInsensitiveDict({ accept: 'a' }))).toBe(false)
    expect(new CaseInsensitiveDict({ accept: 'a' }).equals(headers)).toBe(false)
    expect(headers.equals({ SPAM: 'b', accept: 'A' })).toBe(false)
    expect(headers.equals({ Accept: 'a', Other: 'b' })).toBe(false)
    for (const other of [undefined, null, 2, 'Accept: a']) expect(headers.equals(other)).toBe(false)
  })

  test('have the methods of a Python dict', () => {
    const headers = CaseInsensitiveDict.fromRaw(['Accept', 'a', 'Spam', 'b', 'ACCEPT', 'c'])
    const copy = headers.copy()
    expect([headers.setdefault('SPAM', 'x'), headers.setdefault('New', 'y')]).toEqual(['b', 'y'])
    expect([headers.pop('accept'), headers.pop('accept'), headers.pop('accept', 'none')]).toEqual([
      'a, c',
      undefined,
      'none',
    ])
    expect(headers.raw).toEqual([
      ['Spam', 'b'],
      ['New', 'y'],
    ])
    headers.clear()
    expect([headers.size, headers.raw, headers.toRaw(), copy.size]).toEqual([0, [], [], 2])
  })

  test('are copied independently', () => {
    const headers = new CaseInsensitiveDict({ Accept: 'a' })
    const copy = headers.copy()
    copy.append('accept', 'b')
    copy.set('New', '1')
    expect(headers.toJSON()).toEqual({ Accept: 'a' })
    expect(String(headers)).toBe('{"Accept":"a"}')
    expect(copy.toJSON()).toEqual({ Accept: 'a, b', New: '1' })
  })

  test.each<[string, (copy: CaseInsensitiveDict) => void]>([
    ['an appended line', (copy) => copy.append('vary', 'c')],
    ['a removal', (copy) => copy.delete('Vary')],
    ['an emptied copy', (copy) => copy.clear()],
  ])('keep their lines in order through %s of a copy', (_, change) => {
    const lines = ['Vary', 'a', 'Accept', 'x', 'Vary', 'b']
    const headers = CaseInsensitiveDict.fromRaw(lines)
    change(headers.copy())
    expect([headers.raw.flat(), headers.toRaw(), headers.copy().toRaw()]).toEqual([lines, lines, lines])
    expect([...headers.values()]).toEqual(['a, b', 'x'])
  })

  test('reject values that are not headers', () => {
    for (const other of ['Accept: a', null, Promise.resolve({})]) {
      expect(() => new CaseInsensitiveDict(other as never)).toThrow(
        'Expected `headers` to be an object, pairs or headers',
      )
    }
    expect(() => CaseInsensitiveDict.fromRaw(['a'])).toThrow('names and values in turn')
    expect(() => new CaseInsensitiveDict().set(3 as never, 'x')).toThrow('Expected `name` to be a string, got 3')
  })
})
