import { each } from '@greenlit/core'
import { BytesIO } from '@greenlit/net'
import { expect, test } from 'vitest'

test('reads bytes and lines to the end', async () => {
  const file = new BytesIO('one\ntwo\nthree')
  expect(String(await file.readline())).toBe('one\n')
  expect(String(await file.readline(2))).toBe('tw')
  expect(String(await file.read(3))).toBe('o\nt')
  expect(file.tell()).toBe(9)
  expect(String(await file.read())).toBe('hree')
  expect((await file.read()).length).toBe(0)
  expect((await file.readline()).length).toBe(0)
  expect((await file.next()).done).toBe(true)
  expect((await new BytesIO('a\nb').readlines()).map(String)).toEqual(['a\n', 'b'])
  expect(String((await new BytesIO('a\nb').next()).value)).toBe('a\n')
})

test('stays open when an iteration over its lines ends', async () => {
  const file = new BytesIO('a\nb')
  const lines: string[] = []
  await each(file, (line) => {
    lines.push(String(line))
  })
  expect(lines).toEqual(['a\n', 'b'])
  expect(file.closed).toBe(false)
  expect(file.tell()).toBe(3)
})

test('holds what is written', async () => {
  const file = new BytesIO()
  expect(await file.write('ab')).toBe(2)
  await file.writelines(['c', Buffer.from('d'), 'x'.repeat(1000)])
  await file.flush()
  expect(file.getvalue().length).toBe(1004)
  expect(file.getvalue().subarray(0, 5).toString()).toBe('abcdx')
})

test('overwrites its initial contents', async () => {
  const file = new BytesIO('abcdef')
  const first = file.getvalue()
  await file.write('XY')
  expect(String(file.getvalue())).toBe('XYcdef')
  expect(String(first)).toBe('abcdef')
  expect(String(await file.read(2))).toBe('cd')
})

test('iterates over empty lines too', async () => {
  const lines: string[] = []
  for await (const line of new BytesIO('a\n\n\nb')) lines.push(String(line))
  expect(lines).toEqual(['a\n', '\n', '\n', 'b'])
})

test('seeks and truncates as in Python', async () => {
  const file = new BytesIO('abcdef')
  expect(file.seek(2)).toBe(2)
  expect(String(await file.read(1))).toBe('c')
  expect(file.seek(-1, 1)).toBe(2)
  expect(file.seek(-100, 1)).toBe(0)
  expect(file.seek(-2, 2)).toBe(4)
  expect(file.seek(8)).toBe(8)
  expect((await file.read()).length).toBe(0)
  expect((await file.readline()).length).toBe(0)
  expect(await file.write('')).toBe(0)
  expect([file.tell(), String(file.getvalue())]).toEqual([8, 'abcdef'])
  expect(file.truncate(3)).toBe(3)
  expect(await file.write('x')).toBe(1)
  expect(String(file.getvalue())).toBe('abc\0\0\0\0\0x')
  file.seek(1)
  expect(file.truncate()).toBe(1)
  expect(file.truncate(100)).toBe(100)
  expect(String(file.getvalue())).toBe('a')
  expect(() => file.seek(-1)).toThrow(RangeError)
  expect(() => file.seek(0, 3)).toThrow(/Expected `whence`/)
  expect(() => file.seek(1.5)).toThrow(TypeError)
  expect(() => file.truncate(-1)).toThrow(RangeError)
})

test("has the other methods of a socket's file", async () => {
  let kept: BytesIO
  {
    using file = new BytesIO('one\ntwo\nthree')
    kept = file
    const target = new Uint8Array(2)
    expect(await file.readinto(target)).toBe(2)
    expect(String(Buffer.from(target))).toBe('on')
    expect(await file.readinto1(new Uint8Array(100))).toBe(11)
    expect(await file.readinto(target)).toBe(0)
    file.seek(0)
    expect((await file.readlines(4)).map(String)).toEqual(['one\n'])
    expect((await file.readlines(5)).map(String)).toEqual(['two\n', 'three'])
    file.seek(0)
    expect((await file.readlines(0)).map(String)).toEqual(['one\n', 'two\n', 'three'])
    file.seek(0)
    const lines: string[] = []
    for await (const line of file) lines.push(String(line))
    expect(lines).toEqual(['one\n', 'two\n', 'three'])
    expect([file.readable(), file.writable(), file.seekable()]).toEqual([true, true, true])
  }
  expect(kept.closed).toBe(true)
  expect(() => kept.readable()).toThrow('I/O operation on closed file')
  expect(() => kept.seek(0)).toThrow('I/O operation on closed file')
})

test('refuses use after close, and bad sizes', async () => {
  const file = new BytesIO('abc')
  await file.close()
  expect(file.closed).toBe(true)
  await expect(file.read()).rejects.toThrow('I/O operation on closed file')
  await expect(file.write('x')).rejects.toThrow(RangeError)
  expect(() => file.getvalue()).toThrow(RangeError)
  expect(() => new BytesIO('x').read(1.5)).toThrow(TypeError)
  expect(() => new BytesIO(5 as never)).toThrow(TypeError)
})
