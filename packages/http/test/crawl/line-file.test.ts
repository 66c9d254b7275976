import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { LineFile } from '../../src/crawl/line-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'greenlit-lines-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'lines')

test('writes a value as a single line, whatever it contains', () => {
  const file = new LineFile(path)
  const values = [{ a: 'x\ny\u2028z\u2029' }, '中文', 7, null]
  for (const value of values) file.append(value)
  file.close()
  const text = readFileSync(path, 'utf8')
  expect(text.split(/\r\n|[\n\r\u2028\u2029]/)).toHaveLength(values.length + 1)
  const again = new LineFile(path)
  expect(Array.from(again.read(), (line) => JSON.parse(line) as unknown)).toEqual(values)
  again.close()
})

test('reads lines that are longer than the buffer, split anywhere', () => {
  const long = 'é'.repeat(900_000)
  writeFileSync(path, `${JSON.stringify(long)}\n${JSON.stringify(long)}\n"cut`)
  const file = new LineFile(path)
  expect(Array.from(file.read(), (line) => (JSON.parse(line) as string).length)).toEqual([900_000, 900_000])
  file.append('next')
  file.close()
  expect(readFileSync(path, 'utf8').endsWith('"\n"next"\n')).toBe(true)
})

test('refuses lines once closed', () => {
  const file = new LineFile(path)
  file.close()
  file.close()
  expect(() => file.append(1)).toThrow('Expected an open file of lines, got one that is closed')
})

test('throws if the file cannot be opened', () => {
  expect(() => new LineFile(join(folder, 'no', 'such', 'folder'))).toThrow('ENOENT')
})

test('flushes lines to disk in the background, and may be closed meanwhile', async () => {
  const file = new LineFile(path)
  file.append('first')
  await new Promise((resolve) => setTimeout(resolve, 1100))
  file.append('second')
  file.close()
  expect(readFileSync(path, 'utf8').endsWith('"first"\n"second"\n')).toBe(true)
})

test.runIf(existsSync('/dev/full'))('appends nothing after a line that could not be written completely', () => {
  const file = new LineFile('/dev/full')
  expect(() => file.append(1)).toThrow('ENOSPC')
  expect(() => file.append(2)).toThrow('Expected an open file of lines, got one that is broken')
  file.close()
})

test.runIf(existsSync('/proc/self/fd'))('releases the descriptor when closed', () => {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  const file = new LineFile(path)
  expect(open()).toBe(before + 1)
  file.close()
  file.close()
  expect(open()).toBe(before)
})
