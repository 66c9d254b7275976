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
