import { describe, expect, test } from 'vitest'
import { headerBlockOf, requestLine } from '../../src/native/request-head.ts'

describe('the head of a request', () => {
  test('has its headers in their order and case, and asks to keep the connection', () => {
    const headers = ['hOST', 'a', 'B', '', 'b', 'é']
    const block = headerBlockOf(headers)
    expect(requestLine('GET', '/x') + block.text).toBe(
      'GET /x HTTP/1.1\r\nhOST: a\r\nB: \r\nb: é\r\nConnection: keep-alive\r\n\r\n',
    )
    expect(block).toMatchObject({ headers, closes: false, isChunked: false })
  })

  test.each([
    ['close', true],
    ['Keep-Alive', false],
    ['x, CLOSE', true],
    ['closed', false],
  ])('may say whether the connection is kept: %s', (value, closes) => {
    const block = headerBlockOf(['connection', value])
    expect(block).toMatchObject({ closes, text: ` HTTP/1.1\r\nconnection: ${value}\r\n\r\n` })
  })

  test('says whether the body is chunked', () => {
    expect(headerBlockOf(['Transfer-Encoding', 'Chunked']).isChunked).toBe(true)
    expect(headerBlockOf(['Transfer-Encoding', 'gzip']).isChunked).toBe(false)
  })

  test.each([
    ['A\r\nB', 'c'],
    ['A', 'b\r\nC: d'],
    ['A', 'b\nC: d'],
    ['A', '\u0100'],
    ['', 'b'],
  ])('cannot be used to smuggle another header: %j: %j', (name, value) => {
    expect(() => headerBlockOf([name, value])).toThrow(expect.objectContaining({ name: 'InvalidHeader' }))
  })

  test.each([
    ['GET /', '/'],
    ['', '/'],
    ['G\r\n', '/'],
    ['GET', '/a b'],
    ['GET', '/\r\n'],
    ['GET', ''],
  ])('rejects a method or target that would break it: %j %j', (method, target) => {
    expect(() => requestLine(method, target)).toThrow(TypeError)
  })

  test('accepts any method that is a token', () => {
    expect(requestLine('PURGE', '*')).toBe('PURGE *')
  })
})
