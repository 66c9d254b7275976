import { describe, expect, test } from 'vitest'
import { InvalidHeader } from '../../src/errors/invalid-header.ts'
import { CaseInsensitiveDict } from '../../src/headers/case-insensitive-dict.ts'
import { mergeHeaders } from '../../src/headers/merge-headers.ts'

describe('mergeHeaders', () => {
  test('overrides in place and appends new headers', () => {
    const session = new CaseInsensitiveDict([
      ['User-Agent', 'greenlit'],
      ['Accept', 'a'],
      ['Connection', 'keep-alive'],
    ])
    const merged = mergeHeaders(session, { ACCEPT: 'b', 'X-New': '1' })
    expect(merged.raw).toEqual([
      ['User-Agent', 'greenlit'],
      ['ACCEPT', 'b'],
      ['Connection', 'keep-alive'],
      ['X-New', '1'],
    ])
    expect(session.get('accept')).toBe('a')
  })

  test('removes what the request sets to undefined or null', () => {
    expect(mergeHeaders({ A: '1', B: '2', C: '3' }, { a: undefined, b: null }).raw).toEqual([['C', '3']])
  })

  test('keeps the lines of one name separate', () => {
    const headers = CaseInsensitiveDict.fromRaw(['X-Tag', 'a', 'X-Other', 'b', 'x-tag', 'c'])
    expect(mergeHeaders({ 'x-tag': 'mine' }, headers).raw).toEqual([
      ['X-Tag', 'a'],
      ['X-Tag', 'c'],
      ['X-Other', 'b'],
    ])
    expect(mergeHeaders(headers, { 'X-New': '1' }).getAll('x-tag')).toEqual(['a', 'c'])
    expect(() => mergeHeaders(undefined, headers.append('X-Tag', 'a\nb'))).toThrow(InvalidHeader)
  })

  test.each([[{ 'X-A': 3 }], [{ 'X-A': { a: 1 } }], [{ 'X-A': ['a', 'b'] }], [{ 'X-A': [] }], [[['X-A', 'a\nb']]]])(
    'refuses %j',
    (headers) => {
      expect(() => mergeHeaders(undefined, headers as never)).toThrow(InvalidHeader)
    },
  )
})
