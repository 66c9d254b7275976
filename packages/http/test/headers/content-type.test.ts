import { describe, expect, test } from 'vitest'
import { charsetOf, parseContentType } from '../../src/headers/content-type.ts'

describe('parseContentType', () => {
  test.each([
    ['application/json', 'application/json', {}],
    ['application/json ; Charset=utf-8', 'application/json', { charset: 'utf-8' }],
    ['application/json ; charset=utf-8', 'application/json', { charset: 'utf-8' }],
    ['application/json ; ; no_equals', 'application/json', { no_equals: true }],
    ["content-type;charset='Big5'", 'content-type', { charset: 'Big5' }],
    [
      "multipart/form-data; boundary = something ; boundary2='other' ; no_equals ",
      'multipart/form-data',
      { boundary: 'something', boundary2: 'other', no_equals: true },
    ],
    ['Text/HTML; a="x;y\\"z"; b=2', 'text/html', { a: 'x;y"z', b: '2' }],
    ['text/html; charset=a; charset=b', 'text/html', { charset: 'a' }],
    ['text/html; a="x;y; b=2', 'text/html', { a: 'x;y; b=2' }],
    ["text/html; a=o'clock'; b='x'y", 'text/html', { a: "o'clock'", b: "'x'y" }],
    ['text/html; __proto__=a', 'text/html', Object.fromEntries([['__proto__', 'a']])],
    ['', '', {}],
    [';', '', {}],
  ])('%j', (header, type, params) => {
    expect(parseContentType(header)).toEqual({ type, params })
  })

  test('takes linear time for junk', () => {
    const start = performance.now()
    for (const junk of [
      '; '.repeat(50_000),
      `;a="${'\\"'.repeat(50_000)}`,
      `;${' '.repeat(100_000)}`,
      ';a='.repeat(50_000),
    ]) {
      parseContentType(junk)
    }
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

test.each([
  ['text/html; charset="UTF-8"', 'UTF-8'],
  ['text/html; charset=', undefined],
  ['text/html; charset', undefined],
  ['text/html', undefined],
  [undefined, undefined],
])('charsetOf %j is %j', (header, charset) => {
  expect(charsetOf(header)).toBe(charset)
})
