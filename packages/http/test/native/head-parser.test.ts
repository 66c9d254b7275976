import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeadParser, skipLineEnds } from '../../src/native/head-parser.ts'
import type { MalformedMessage } from '../../src/native/malformed-message.ts'

const STATUS = 'HTTP/1.1 200 OK\r\n'

interface Outcome {
  readonly head?: { statusCode: number; reason: string; isCurrent: boolean; lines: string }
  /** How many bytes followed the head. */
  readonly rest?: number
  readonly code?: string
}

/** The result of parsing bytes received in these pieces. */
function parse(pieces: readonly Buffer[]): Outcome {
  const parser = new HeadParser()
  try {
    for (const [index, piece] of pieces.entries()) {
      const end = parser.read(piece, 0)
      if (end < 0) continue
      const { statusCode, reason, isCurrent, lines } = parser
      const later = pieces.slice(index + 1).reduce((sum, { length }) => sum + length, 0)
      return { head: { statusCode, reason, isCurrent, lines }, rest: piece.length - end + later }
    }
  } catch (error) {
    return { code: (error as MalformedMessage).code }
  }
  return {}
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1')
const parseWhole = (text: string) => parse([bytesOf(text)])

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...[...cuts].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place))
}

const VALID: readonly (readonly [text: string, statusCode: number, reason: string, lines: string])[] = [
  ['HTTP/1.1 200 OK\r\n\r\n', 200, 'OK', ''],
  ['HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n', 404, 'Not Found', 'A: b\r\n'],
  ['HTTP/1.1 200\r\nA:b\r\n\r\n', 200, '', 'A:b\r\n'],
  ['HTTP/1.1 200 \r\n\r\n', 200, '', ''],
  ['HTTP/1.1 200  two  \r\n\r\n', 200, ' two  ', ''],
  ['HTTP/1.1 999 \xe9\t\x01\r\n\r\n', 999, '\xe9\t\x01', ''],
  ['HTTP/0.9 200 OK\r\n\r\n', 200, 'OK', ''],
  ['HTTP/2.0 200 OK\r\n\r\n', 200, 'OK', ''],
  ['\r\n\n\r\nHTTP/1.1 200 OK\r\n\r\n', 200, 'OK', ''],
  [`${STATUS}A: \t b \xe9\x80 c \t\r\nB:\r\n!#$%&'*+-.^_\`|~09: x\r\n\r\n`, 200, 'OK', ''],
]

const INVALID: readonly string[] = [
  'garbage',
  'SSH-2.0-x\r\n',
  'ICY 200 OK\r\n\r\n',
  'http/1.1 200 OK\r\n\r\n',
  'XTTP/1.1 200 OK\r\n\r\n',
  ' HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.2 200 OK\r\n\r\n',
  'HTTP/3.0 200 OK\r\n\r\n',
  'HTTP/1.10 200 OK\r\n\r\n',
  'HTTP/11 200 OK\r\n\r\n',
  'HTTP/1x1 200 OK\r\n\r\n',
  'HTTP/1.1x200 OK\r\n\r\n',
  'HTTP/1.9 200 OK\r\n\r\n',
  'HTTP/0.0 200 OK\r\n\r\n',
  'HTTP/0.1 200 OK\r\n\r\n',
  'HTTP/2.1 200 OK\r\n\r\n',
  'HTTP/2.9 200 OK\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/1.1 2000 OK\r\n\r\n',
  'HTTP/1.1 2x0 OK\r\n\r\n',
  'HTTP/1.1 2:0 OK\r\n\r\n',
  'HTTP/1.1 2/0 OK\r\n\r\n',
  'HTTP/1.1 200OK\r\n\r\n',
  'HTTP/1.1 200 OK\n\n',
  'HTTP/1.1 200\n\n',
  'HTTP/1.1 200 OK\rx\r\n\r\n',
  `${STATUS}A: b\n\r\n`,
  `${STATUS}A: b\rc\r\n\r\n`,
  `${STATUS}\n`,
  `${STATUS}\rx`,
  `${STATUS}A : b\r\n\r\n`,
  `${STATUS} A: b\r\n\r\n`,
  `${STATUS}A: b\r\n c\r\n\r\n`,
  `${STATUS}A:\r\n\tb\r\n\r\n`,
  `${STATUS}: b\r\n\r\n`,
  `${STATUS}A\r\n\r\n`,
  `${STATUS}A(: b\r\n\r\n`,
  `${STATUS}\xe9: b\r\n\r\n`,
  `${STATUS}A: \x00\r\n\r\n`,
  `${STATUS}A: \x7f\r\n\r\n`,
  `${STATUS}A: \x0b\r\n\r\n`,
  `${STATUS}Content-Length:  \r\n\r\n`,
  `${STATUS}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
  `${STATUS}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  `${STATUS}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`,
]

describe('a head', () => {
  test.each(VALID)('is read: %j', (text, statusCode, reason, lines) => {
    const { head, rest } = parseWhole(`${text}body`)
    expect(head).toMatchObject({ statusCode, reason, isCurrent: text.trimStart().startsWith('HTTP/1.1') })
    if (lines !== '') expect(head!.lines).toBe(lines)
    expect(rest).toBe(4)
  })

  test.each(INVALID)('is rejected: %j', (text) => {
    expect(parseWhole(text)).toEqual({ code: 'HPE_INVALID' })
  })

  test.each([...VALID.map(([text]) => `${text}body`), ...INVALID])('reads the same, split anywhere: %j', (text) => {
    const bytes = bytesOf(text)
    const whole = parse([bytes])
    for (let at = 0; at <= bytes.length; at += 1)
      expect(parse([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    expect(parse([...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole)
  })

  test('is not complete before its end', () => {
    const text = `${STATUS}A: b\r\nContent-Length: 1\r\n\r\n`
    for (let length = 0; length < text.length; length += 1) expect(parseWhole(text.slice(0, length))).toEqual({})
  })

  test('may follow another', () => {
    const parser = new HeadParser()
    const bytes = bytesOf(`HTTP/1.1 100 Continue\r\nA: b\r\n\r\n${STATUS}\r\n`)
    const first = parser.read(bytes, 0)
    expect([parser.statusCode, parser.lines]).toEqual([100, 'A: b\r\n'])
    parser.reset()
    expect(parser.read(bytes, first)).toBe(bytes.length)
    expect([parser.statusCode, parser.reason, parser.lines]).toEqual([200, 'OK', ''])
  })

  test('keeps nothing of a previous one received in pieces', () => {
    const parser = new HeadParser()
    parser.read(bytesOf('HTTP/1.1 103 Early Hints\r\nLocation: /'), 0)
    parser.read(bytesOf(`a\r\nB: ${'x'.repeat(65_000)}\r\n\r\n`), 0)
    expect(parser.fields.location).toBe('/a')
    parser.reset()
    expect(parser.hasBegun).toBe(false)
    expect(parser.read(bytesOf('\r\n'), 0)).toBe(-1)
    expect(parser.hasBegun).toBe(false)
    parser.read(bytesOf('HTTP/1.1 200 '), 0)
    parser.read(bytesOf('y'.repeat(1200)), 0)
    expect(parser.read(bytesOf('\r\n\r\n'), 0)).toBe(4)
    expect([parser.reason.length, parser.lines, parser.fields.location]).toEqual([1200, '', undefined])
  })

  test('has header values without the white space around them', () => {
    const parser = new HeadParser()
    const lines = ['Content-Length:\t 12 \t', 'Location: /a b\t', 'Connection:  close']
    parser.read(bytesOf(`${STATUS}${lines.join('\r\n')}\r\n\r\n`), 0)
    expect(parser.fields).toMatchObject({ contentLength: 12, location: '/a b', closes: true })
  })

  test('does not retain the buffer it was read from', () => {
    const parser = new HeadParser()
    const bytes = bytesOf(`${STATUS}Location: /a`)
    parser.read(bytes, 0)
    bytes.fill(0)
    parser.read(bytesOf('b\r\n\r\n'), 0)
    expect([parser.lines, parser.fields.location]).toEqual(['Location: /ab\r\n', '/ab'])
  })

  test('may have just under 64 KiB of names and values', () => {
    const head = (size: number) => `HTTP/1.1 200 \r\nA: ${'x'.repeat(size - 1)}\r\n\r\n`
    expect(parseWhole(head(65535)).head).toBeDefined()
    expect(parseWhole(head(65536))).toEqual({ code: 'HPE_HEADER_OVERFLOW' })
    expect(parseWhole(`HTTP/1.1 200 ${'y'.repeat(35535)}\r\nA: ${'x'.repeat(29999)}\r\n\r\n`).head).toBeDefined()
    expect(parseWhole(`HTTP/1.1 200 ${'y'.repeat(35536)}\r\nA: ${'x'.repeat(29999)}\r\n\r\n`)).toEqual({
      code: 'HPE_HEADER_OVERFLOW',
    })
    const many = 'ab: cdef\r\n'
    expect(parseWhole(`HTTP/1.1 200 \r\n${many.repeat(10922)}\r\n`).head).toBeDefined()
    expect(parseWhole(`HTTP/1.1 200 \r\n${many.repeat(10923)}\r\n`)).toEqual({ code: 'HPE_HEADER_OVERFLOW' })
  })

  test.each(['HTTP/1.1 200 ', `${STATUS}A: `, `${STATUS}`])(
    'without an end is not buffered beyond that: %j',
    (start) => {
      const parser = new HeadParser()
      const feed = () => {
        parser.read(bytesOf(start), 0)
        for (let sent = 0; sent < 100_000; sent += 100) parser.read(Buffer.alloc(100, 'x'), 0)
      }
      expect(feed).toThrow('the headers are too large')
      expect(parseWhole(start + 'x'.repeat(70_000))).toEqual({ code: 'HPE_HEADER_OVERFLOW' })
    },
  )

  test('of one long line is read in linear time, a byte at a time', () => {
    const parser = new HeadParser()
    parser.read(bytesOf(`${STATUS}A: `), 0)
    const byte = bytesOf('x')
    const started = performance.now()
    for (let sent = 0; sent < 60_000; sent += 1) parser.read(byte, 0)
    expect(parser.read(bytesOf('\r\n\r\n'), 0)).toBe(4)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('reads the same however it is split', () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/)
    const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/)
    const known = fc.constantFrom('Content-Length', 'Transfer-Encoding', 'Connection', 'Set-Cookie', 'Location')
    const known2 = fc.constantFrom('1', 'chunked', 'close', 'a=b', '/', '')
    const line = fc.oneof(
      fc.tuple(token, value).map(([name, content]) => `${name}:${content}\r\n`),
      fc.tuple(known, known2).map(([name, content]) => `${name}: ${content}\r\n`),
      fc.constantFrom(' folded\r\n', 'bare\n', 'x\ry\r\n', '\r'),
    )
    const status = fc.constantFrom(STATUS, 'HTTP/1.0 301 \r\n', '\r\nHTTP/1.1 204\r\n', 'HTTP/1.1 2')
    const message = fc.tuple(status, fc.array(line, { maxLength: 8 }), fc.constantFrom('\r\n', '\r\nbody', ''))
    fc.assert(
      fc.property(message, fc.array(fc.nat(), { maxLength: 12 }), ([first, lines, end], cuts) => {
        const bytes = bytesOf(first + lines.join('') + end)
        expect(parse(cut(bytes, cuts))).toEqual(parse([bytes]))
      }),
      { numRuns: 2000 },
    )
  })

  test('of any bytes is read or rejected, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(), { maxLength: 4 }), (noise, cuts) => {
        const bytes = Buffer.concat([bytesOf(STATUS), noise])
        const outcome = parse(cut(bytes, cuts))
        expect(outcome).toEqual(parse([bytes]))
        expect([undefined, 'HPE_INVALID']).toContain(outcome.code)
      }),
      { numRuns: 2000 },
    )
  })
})

test('line ends before a head are skipped', () => {
  expect(skipLineEnds(bytesOf('x\r\n\nx'), 1)).toBe(4)
  expect(skipLineEnds(bytesOf('\r\n'), 0)).toBe(2)
  expect(skipLineEnds(bytesOf('x'), 0)).toBe(0)
})
