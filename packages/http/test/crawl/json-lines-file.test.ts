import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSync, sleep } from '@greenlit/core'
import { afterAll, expect, test } from 'vitest'
import { JsonLinesFile } from '../../src/crawl/json-lines-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'greenlit-json-lines-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'out.jsonl')

test('a new file replaces an existing one', () => {
  writeFileSync(path, 'old\n')
  const file = new JsonLinesFile(path)
  file.write({ a: '\u2028' })
  file.write([1])
  expect(readFileSync(path, 'utf8')).toBe('{"a":"\\u2028"}\n[1]\n')
  runSync(file.close())
  runSync(file.close())
})

test('a resumed file loses the line that a crash cut off', () => {
  appendFileSync(path, `{"cut":"${'x'.repeat(3_000_000)}`)
  const file = new JsonLinesFile(path, { resume: true })
  file.write(2)
  file.close()
  expect(readFileSync(path, 'utf8')).toBe('{"a":"\\u2028"}\n[1]\n2\n')
})

test('a long resumed file loses no complete line', () => {
  const line = `{"long":"${'x'.repeat(700_000)}"}\n`
  const whole = line.repeat(4)
  for (const cut of ['', '{"cut":', `{"cut":"${'x'.repeat(1_500_000)}`]) {
    writeFileSync(path, whole + cut)
    const file = new JsonLinesFile(path, { resume: true })
    file.write(2)
    file.close()
    expect(readFileSync(path, 'utf8') === `${whole}2\n`).toBe(true)
  }
})

test('a resumed file without a complete line is emptied', () => {
  for (const text of ['', 'cut', 'x'.repeat(1024 * 1024)]) {
    writeFileSync(path, text)
    new JsonLinesFile(path, { resume: true }).close()
    expect(readFileSync(path, 'utf8')).toBe('')
  }
})

test('refuses values that JSON cannot represent, and remains usable', () => {
  const file = new JsonLinesFile(path)
  expect(() => file.write(undefined)).toThrow('Expected a value that JSON has, got undefined')
  for (const later of [Promise.resolve(2), sleep(0)]) {
    expect(() => file.write(later)).toThrow(/Expected a value that JSON has, got .*: wait for it first/)
  }
  file.write(1)
  file.close()
  expect(readFileSync(path, 'utf8')).toBe('1\n')
  expect(() => new JsonLinesFile('')).toThrow('Expected `path` to be the name of a file')
  expect(() => new JsonLinesFile(path, { resume: 1 as never })).toThrow('Expected `resume` to be true or false, got 1')
  expect(readFileSync(path, 'utf8')).toBe('1\n')
})

test.runIf(process.platform !== 'win32')('lines may be written to a pipe', () => {
  new JsonLinesFile('/dev/null').close()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, 'r+')
  const file = new JsonLinesFile(pipe)
  file.write(1)
  file.close()
  const read = Buffer.alloc(10)
  expect(read.toString('utf8', 0, readSync(reader, read))).toBe('1\n')
  closeSync(reader)
})
