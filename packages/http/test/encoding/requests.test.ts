import { expect, test } from 'vitest'
import { getEncodingFromHeaders, getEncodingsFromContent } from '../../src/encoding/requests.ts'

test.each([
  ['text/html; charset=GBK', 'GBK'],
  ['text/html', 'ISO-8859-1'],
  ['application/json', 'utf-8'],
  ['image/png', undefined],
])('for %s returns %s', (header, encoding) => {
  expect(getEncodingFromHeaders(new Headers({ 'Content-Type': header }))).toBe(encoding)
  expect(getEncodingFromHeaders({ 'content-type': header })).toBe(encoding)
  expect(getEncodingFromHeaders([['Content-Type', header]])).toBe(encoding)
})

test('without a header returns undefined', () => {
  expect(getEncodingFromHeaders(new Headers())).toBeUndefined()
})

test.each([
  ['<meta charset="UTF-8">', ['UTF-8']],
  ['<meta http-equiv="Content-type" content="text/html;charset=GBK" />', ['GBK']],
  ['<?xml version="1.0" encoding="UTF-8"?>', ['UTF-8']],
  [
    '<?xml version="1.0" encoding="UTF-8"?><meta http-equiv="Content-type" content="text/html;charset=UTF-7" /><meta charset=HTML5>',
    ['UTF-7', 'HTML5', 'UTF-8'],
  ],
  ['<p>', []],
])('%s declares %j', (content, encodings) => {
  expect(getEncodingsFromContent(content)).toEqual(encodings)
})

test('takes linear time for a long page', () => {
  const started = performance.now()
  for (const piece of ['<meta ', '<meta charset=', '<meta content="charset=', 'charset=', '"'])
    getEncodingsFromContent(`<meta ${piece.repeat(10_000)}`)
  expect(performance.now() - started).toBeLessThan(5000)
})
