import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { encodeMultipart, type Files } from '../../src/body/multipart.ts'
import { InvalidHeader } from '../../src/errors/invalid-header.ts'
import { UnrewindableBodyError } from '../../src/errors/unrewindable-body-error.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { useClosing, useSession } from '../support/session.ts'
import { type Echo, startSite } from '../support/site.ts'

guardLeaks()

const textOf = (files: Files, fields: [string, string][] = []) => {
  const { content } = encodeMultipart(fields, files, 'boundary')
  return Buffer.concat(content.parts as Uint8Array[]).toString()
}

describe('a multipart body', () => {
  test('has fields, then files, each with a name', () => {
    expect(textOf({ file: 'content' }, [['field', 'value']])).toBe(
      [
        '--boundary\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n',
        '--boundary\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\ncontent\r\n',
        '--boundary--\r\n',
      ].join(''),
    )
  })

  test('uses the name and type of a File, and further headers', () => {
    const file = new File(['x'], 'own.txt', { type: 'text/x-own' })
    const { content } = encodeMultipart(
      [],
      { a: file, b: [undefined, 'plain'], c: ['c', 'x', 'a/b', { 'X-C': '1' }] },
      'b',
    )
    const text = content.parts.map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString() : '*')).join('')
    expect(text).toContain('name="a"; filename="own.txt"\r\nContent-Type: text/x-own\r\n\r\n*\r\n')
    expect(text).toContain('name="b"\r\n\r\nplain\r\n')
    expect(text).toContain('filename="c"\r\nContent-Type: a/b\r\nX-C: 1\r\n\r\nx\r\n')
  })

  test('has one type and one disposition, whatever its headers say', () => {
    const text = textOf({
      a: ['n', 'x', 'c/d', { 'content-type': 'a/b', 'content-disposition': 'form-data; name="z"' }],
    })
    expect(text).toContain('Content-Disposition: form-data; name="a"; filename="n"\r\ncontent-type: a/b\r\n\r\nx\r\n')
  })

  test('lets no name break out of its quotes', () => {
    const text = textOf({ 'a"\r\nX: 1': ['b"\r\n.txt', 'x'] })
    expect(text).toContain('name="a%22%0D%0AX: 1"; filename="b%22%0D%0A.txt"')
  })

  test('may repeat a name', () => {
    expect(
      textOf([
        ['a', 'one'],
        ['a', 'two'],
      ]).match(/; name="a"/g),
    ).toHaveLength(2)
  })

  test('omits absent files and file names', () => {
    const text = textOf({ none: undefined, neither: null, field: [null, 'x', null] })
    expect(text).toContain('form-data; name="field"\r\n\r\nx\r\n')
    expect(text).not.toContain('ne')
  })

  test.each([
    ['a list of contents', ['content'], 'Expected `files` to be an object, or pairs'],
    ['pairs of three', [['a', 'x', 'y']], 'Expected `files` to be an object, or pairs'],
    ['a pair whose name is none', [[3, 'x']], 'Expected `files` to be an object, or pairs'],
    ['text of two characters for a pair', ['ab'], 'Expected `files` to be an object, or pairs'],
    ['a number', { a: 3 }, 'Expected the file `a` to be bytes'],
    ['a file name that is none', { a: [3, 'x'] }, 'Expected the file name of `a` to be a string, got 3'],
  ])('is rejected with %s', (_name, files, message) => {
    expect(() => textOf(files as never)).toThrow(message)
    expect(() => textOf(files as never)).toThrow(TypeError)
  })

  test('has no type and the name of its field for a Blob without either', () => {
    const [head] = encodeMultipart([], { a: new Blob(['x']) }, 'b').content.parts
    expect(String(head)).toBe('--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n')
    const named = Object.assign(new Blob(['x']), { name: 3 })
    expect(String(encodeMultipart([], { a: named }, 'b').content.parts[0])).toBe(String(head))
  })

  test('is rejected with a header that cannot be sent', () => {
    expect(() => textOf({ a: ['a', 'x', 'text/plain\r\nX: 1'] })).toThrow(InvalidHeader)
  })
})

onEachEngine('a file', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)

  test('is sent from its stream with its length and name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const path = join(folder, 'report.csv')
    writeFileSync(path, 'a,b\n')
    const url = `${site.current.url}/echo`
    const sent = (await session.current.post(url, { data: createReadStream(path) })).json<Echo>()
    expect([sent.headers['content-length'], sent.body]).toEqual(['4', 'a,b\n'])
    const parts = (await session.current.post(url, { files: { report: createReadStream(path) } })).json<Echo>()
    expect(parts.body).toContain('filename="report.csv"\r\n\r\na,b\n\r\n')
    expect(Number(parts.headers['content-length'])).toBe(parts.body.length)
    const piece = createReadStream(path, { start: 2 })
    expect((await session.current.post(url, { data: piece })).json<Echo>().body).toBe('b\n')
    rmSync(folder, { recursive: true })
  })

  test('is resent with the request, within its range', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    const path = join(folder, 'report.csv')
    writeFileSync(path, 'one,two\n')
    const url = `${site.current.url}/redirect-to?url=/echo&status=307`
    for (const [options, expected] of [
      [{}, 'one,two\n'],
      [{ start: 4, end: 6 }, 'two'],
    ] as const) {
      const whole = await session.current.put(url, { data: createReadStream(path, options) })
      expect(whole.json<Echo>().body).toBe(expected)
      const part = await session.current.post(url, { files: { report: createReadStream(path, options) } })
      expect(part.json<Echo>().body).toContain(`\r\n\r\n${expected}\r\n--`)
    }
    const begun = createReadStream(path)
    await once(begun, 'readable')
    begun.read(4)
    const result = await attempt(session.current.put(url, { data: begun }))
    expect((result as { error?: Error }).error).toBeInstanceOf(UnrewindableBodyError)
    rmSync(folder, { recursive: true })
  })
})
