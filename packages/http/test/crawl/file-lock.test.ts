import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { FileLock } from '../../src/crawl/file-lock.ts'
import { JournalFrontier } from '../../src/crawl/frontier/journal-frontier.ts'
import { page } from './frontier/conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'greenlit-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'journal')
const file = `${path}.lock`
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
})

const lockOf = (pid: number, machine = hostname(), started?: string) =>
  writeFileSync(file, JSON.stringify({ token: 'x', pid, machine, started }))

test('the lock file exists while the lock is held', () => {
  const lock = new FileLock(path)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid, machine: hostname() })
  lock.release()
  lock.release()
  expect(existsSync(file)).toBe(false)
})

test('another process keeps its lock until it ends, no matter how', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(other, 'spawn')
  lockOf(other.pid!)
  const text = readFileSync(file, 'utf8')
  expect(() => new FileLock(path)).toThrow(new RegExp(`nobody uses, got .*journal.*, which process ${other.pid} on`))
  expect(() => new JournalFrontier(path)).toThrow(RangeError)
  expect(existsSync(path)).toBe(false)
  expect(readFileSync(file, 'utf8')).toBe(text)
  other.kill('SIGKILL')
  await once(other, 'close')
  new FileLock(path).release()
  expect(readdirSync(folder)).toEqual([])
})

test('a process that reuses the id of a dead holder does not count as the holder', () => {
  lockOf(process.pid, hostname(), 'at another time')
  new FileLock(path).release()
  lockOf(process.pid)
  new FileLock(path).release()
  lockOf(process.ppid, hostname(), 'at another time')
  if (process.platform === 'linux') new FileLock(path).release()
})

test('a holder on another machine counts as alive for a minute', () => {
  lockOf(1, 'elsewhere.example')
  expect(() => new FileLock(path)).toThrow('process 1 on elsewhere.example')
  const past = new Date(Date.now() - 61_000)
  utimesSync(file, past, past)
  new FileLock(path).release()
})

test('a holder touches its lock file, and notices when it was taken over', () => {
  vi.useFakeTimers()
  try {
    const lock = new FileLock(path)
    const past = new Date(Date.now() - 3_600_000)
    utimesSync(file, past, past)
    vi.advanceTimersByTime(10_000)
    expect(statSync(file).mtimeMs).toBeGreaterThan(past.getTime())
    expect(lock.isLost).toBe(false)
    lockOf(1, 'elsewhere.example')
    vi.advanceTimersByTime(10_000)
    expect(lock.isLost).toBe(true)
    lock.release()
    expect(existsSync(file)).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('a holder that cannot read its lock file, for example with too many open files, tries again at the next heartbeat', () => {
  vi.useFakeTimers()
  try {
    const lock = new FileLock(path)
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    mkdirSync(file)
    vi.advanceTimersByTime(10_000)
    expect(lock.isLost).toBe(false)
    rmdirSync(file)
    writeFileSync(file, text)
    const past = new Date(Date.now() - 3_600_000)
    utimesSync(file, past, past)
    vi.advanceTimersByTime(10_000)
    expect(statSync(file).mtimeMs).toBeGreaterThan(past.getTime())
    lock.release()
  } finally {
    vi.useRealTimers()
  }
})

test('an empty lock file counts only briefly', () => {
  writeFileSync(file, '')
  expect(() => new FileLock(path)).toThrow('which another process has')
  const past = new Date(Date.now() - 6000)
  utimesSync(file, past, past)
  new FileLock(path).release()
  expect(existsSync(file)).toBe(false)
})

test('a dangling link as lock file does not block the lock', () => {
  symlinkSync(join(folder, 'nowhere'), file)
  const lock = new FileLock(path)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
  lock.release()
  expect(readdirSync(folder)).toEqual([])
})

test.each([true, false])('a file has the same lock through all links (file exists: %s)', (isThere) => {
  if (isThere) writeFileSync(path, '')
  symlinkSync('journal', join(folder, 'link'))
  symlinkSync(join(folder, 'link'), join(folder, 'other'))
  symlinkSync(folder, join(folder, 'folder'))
  for (const way of ['link', 'other', join('folder', 'journal'), join('folder', 'other')]) {
    const first = new FileLock(path)
    const second = new FileLock(join(folder, way))
    expect([first.isLost, existsSync(file)]).toEqual([true, true])
    second.release()
    expect(existsSync(file)).toBe(false)
  }
})

test('throws for a journal that links to itself', () => {
  symlinkSync('journal', path)
  expect(() => new FileLock(path)).toThrow('ELOOP')
})

test('throws if the lock file cannot be created', () => {
  expect(() => new FileLock(join(folder, 'no', 'such', 'journal'))).toThrow('ENOENT')
})

test('a released or lost lock has no heartbeat', () => {
  vi.useFakeTimers()
  try {
    const first = new FileLock(path)
    const second = new FileLock(path)
    expect([first.isLost, vi.getTimerCount()]).toEqual([true, 1])
    first.release()
    expect(existsSync(file)).toBe(true)
    second.release()
    expect([second.isLost, vi.getTimerCount(), existsSync(file)]).toEqual([false, 0, false])
    new FileLock(path)
    lockOf(1, 'elsewhere.example')
    vi.advanceTimersByTime(10_000)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('within a process the newest frontier takes a journal over, and the earlier one writes no more', async () => {
  const first = new JournalFrontier(path)
  await first.add([page('http://a/1')])
  const second = new JournalFrontier(path, { resume: true })
  await expect(first.add([page('http://a/2')])).rejects.toThrow('another has taken it over')
  await first.close()
  expect(existsSync(file)).toBe(true)
  await second.add([page('http://a/3')])
  await second.close()
  expect(existsSync(file)).toBe(false)
  const third = new JournalFrontier(path, { resume: true })
  expect((await third.stats()).queued).toBe(2)
  await third.close()
})

test('a frontier that is refused does not take the journal from the one that is using it', async () => {
  const first = new JournalFrontier(path)
  await first.add([page('http://a/1')])
  expect(() => new JournalFrontier(path)).toThrow('which is not empty')
  await first.add([page('http://a/2')])
  await first.close()
  expect(existsSync(file)).toBe(false)
})

test('a journal that cannot be opened leaves no lock file', () => {
  writeFileSync(path, 'no journal\n')
  expect(() => new JournalFrontier(path, { resume: true })).toThrow('Expected a journal')
  expect(existsSync(file)).toBe(false)
  expect(() => new JournalFrontier(`${folder}/`)).toThrow('EISDIR')
  expect(existsSync(`${folder}.lock`)).toBe(false)
})
