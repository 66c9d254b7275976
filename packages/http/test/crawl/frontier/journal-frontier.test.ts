import fs, { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '@greenlit/core'
import { virtualTime } from '@greenlit/core/testing'
import { afterAll, describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/crawl/frontier/frontier.ts'
import { JournalFrontier } from '../../../src/crawl/frontier/journal-frontier.ts'
import { frontierSuite, page, urlsOf } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'greenlit-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = () => join(folder, `${(files += 1)}.journal`)

frontierSuite('JournalFrontier', (settings) => new JournalFrontier(newPath(), settings))

/** Simulates a crash of a frontier: nothing is closed but what the system closes. */
async function crashed(path: string): Promise<void> {
  const frontier = new JournalFrontier(path)
  await frontier.add(['http://a/0', 'http://a/1', 'http://a/2', 'http://a/3', 'http://a/4'].map((url) => page(url, 1)))
  const leases = (await frontier.lease({ count: 4 })) as [Lease, Lease, Lease, Lease]
  await frontier.ack(leases[0], ['http://a/moved'])
  await frontier.fail(leases[1], 'refused')
  await frontier.retry(leases[2], 0)
  await frontier.add([{ url: 'http://a/map', depth: 0, kind: 'sitemap' }])
}

test('adds no request if one of them has an invalid URL', async () => {
  const path = newPath()
  const frontier = new JournalFrontier(path)
  await expect(frontier.add([page('http://a/'), page('/1')])).rejects.toThrow('absolute URLs')
  expect(await frontier.add([page('http://a/')])).toBe(1)
  await frontier.close()
  const resumed = new JournalFrontier(path, { resume: true })
  expect((await resumed.stats()).queued).toBe(1)
  await resumed.close()
})

test('refuses `resume` other than true and false', () => {
  const path = newPath()
  expect(() => new JournalFrontier(path, { resume: 'yes' as never })).toThrow('Expected `resume` to be true or false')
  expect(existsSync(path)).toBe(false)
})

describe('a resumed JournalFrontier', () => {
  test('has all requests that were not finished, and none that were', async () => {
    const path = newPath()
    await crashed(path)
    const frontier = new JournalFrontier(path, { resume: true })
    expect(await frontier.stats()).toMatchObject({ queued: 4, leased: 0, done: 1, failed: 1, dueIn: 0 })
    const leases = await frontier.lease({ count: 10 })
    expect(urlsOf(leases)).toEqual(['http://a/2', 'http://a/3', 'http://a/4', 'http://a/map'])
    expect(leases[0]).toMatchObject({ attempt: 2, request: { depth: 1 } })
    expect(leases[3]).toMatchObject({ attempt: 1, request: { kind: 'sitemap' } })
    expect(await frontier.add(['http://a/0', 'http://a/1', 'http://a/moved'].map((url) => page(url)))).toBe(0)
    await frontier.close()
  })

  test('restores all fields and the key of each request', async () => {
    const path = newPath()
    const requests = [
      page('http://a/', 0),
      { url: 'http://a/1?b&a', key: 'http://a/1?a&b', depth: 1, from: 'http://a/' },
      { url: 'http://a/2', depth: 0, from: 'http://a/robots.txt', kind: 'sitemap' as const },
      { url: 'http://b/3', depth: 2, kind: 'page' as const, key: 'three' },
    ]
    const first = new JournalFrontier(path)
    await first.add(requests)
    await first.close()
    const second = new JournalFrontier(path, { resume: true, maxPerHost: 3 })
    expect((await second.lease({ count: 5 })).map(({ request }) => request)).toEqual([
      requests[0],
      requests[3],
      requests[1],
      requests[2],
    ])
    expect(await second.add([page('http://a/1?a&b'), page('three'), page('http://b/4'), page('http://a/5')])).toBe(1)
    expect(await second.has('http://b/4')).toBe(true)
    await second.close()
  })

  test('knows how many leases of a request expired', async () => {
    const path = newPath()
    await virtualTime(function* () {
      const frontier = new JournalFrontier(path, { leaseTime: 1000 })
      yield* frontier.add([page('http://a/1')])
      for (const attempt of [1, 2]) {
        expect(yield* frontier.lease({ count: 1 })).toMatchObject([{ attempt, expired: attempt - 1 }])
        yield* sleep(1000)
      }
      const [lease] = (yield* frontier.lease({ count: 1 })) as [Lease]
      yield* frontier.retry(lease, 0)
      yield* frontier.close()
    })
    const frontier = new JournalFrontier(path, { resume: true })
    expect(await frontier.lease({ count: 1 })).toMatchObject([{ attempt: 4, expired: 2 }])
    await frontier.close()
  })

  test('can be resumed again', async () => {
    const path = newPath()
    await crashed(path)
    const second = new JournalFrontier(path, { resume: true })
    await second.add([page('http://a/5')])
    for (const lease of await second.lease({ count: 3 })) await second.ack(lease)
    await second.close()
    const third = new JournalFrontier(path, { resume: true })
    expect(await third.stats()).toMatchObject({ queued: 2, done: 4, failed: 1 })
    expect(urlsOf(await third.lease({ count: 5 }))).toEqual(['http://a/map', 'http://a/5'])
    await third.close()
  })

  test('loses only the line that a crash cut off', async () => {
    const path = newPath()
    await crashed(path)
    const whole = readFileSync(path)
    for (let size = whole.length - 1; size >= 0; size -= 7) {
      writeFileSync(path, whole)
      truncateSync(path, size)
      const frontier = new JournalFrontier(path, { resume: true })
      await frontier.add([page('http://a/new')])
      await frontier.close()
      const again = new JournalFrontier(path, { resume: true })
      expect(await again.has('http://a/new')).toBe(true)
      await again.close()
    }
  })

  test('waits for a retry that is not due yet', async () => {
    const path = newPath()
    const first = new JournalFrontier(path)
    await first.add([page('http://a/1')])
    for (const lease of await first.lease({ count: 1 })) await first.retry(lease, 60_000)
    await first.close()
    const second = new JournalFrontier(path, { resume: true })
    expect(await second.lease({ count: 1 })).toEqual([])
    expect((await second.stats()).dueIn).toBeGreaterThan(30_000)
    await second.close()
  })

  test('does not lease a request that was put back for ever', async () => {
    const path = newPath()
    const first = new JournalFrontier(path)
    await first.add([page('http://a/1')])
    for (const lease of await first.lease({ count: 1 })) await first.retry(lease, Infinity)
    expect(await first.stats()).toMatchObject({ queued: 1, dueIn: undefined })
    await first.close()
    const second = new JournalFrontier(path, { resume: true })
    expect(await second.stats()).toMatchObject({ queued: 1, dueIn: undefined })
    await second.close()
  })

  test('may start without a file', async () => {
    const frontier = new JournalFrontier(newPath(), { resume: true })
    expect(await frontier.stats()).toMatchObject({ queued: 0, done: 0 })
    await frontier.close()
  })
})

describe('JournalFrontier', () => {
  test('does not overwrite a file', async () => {
    const path = newPath()
    await crashed(path)
    const before = readFileSync(path, 'utf8')
    expect(() => new JournalFrontier(path)).toThrow(/Expected `journal` to be a new file, got .* set `resume` to go on/)
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  test('refuses a file that is not a journal, and names the line', async () => {
    const path = newPath()
    writeFileSync(path, 'hello\n')
    expect(() => new JournalFrontier(path, { resume: true })).toThrow(/Expected a journal in .* in line 1/)
    await crashed(newPath())
    const damaged = newPath()
    await crashed(damaged)
    appendFileSync(damaged, '{"what":1}\n')
    expect(() => new JournalFrontier(damaged, { resume: true })).toThrow(/in line 7/)
    expect(() => new JournalFrontier('')).toThrow('Expected `path` to be the name of a file')
  })

  test.each([
    '{"add":5}',
    '{"add":[null]}',
    '{"add":[["/relative",0]]}',
    '{"add":[["http://a/",-1]]}',
    '{"add":[["http://a/",0,7]]}',
    '{"done":6}',
    '{"done":"1"}',
    '{"done":1,"also":"http://a/"}',
    '{"retry":1,"attempt":"2","at":0}',
    '{"retry":1,"attempt":2}',
    '{"fail":-1,"reason":"refused"}',
  ])('names the damaged line of a journal: %s', async (line) => {
    const path = newPath()
    await crashed(path)
    appendFileSync(path, `${line}\n`)
    expect(() => new JournalFrontier(path, { resume: true })).toThrow(/Expected a journal in .* in line 7$/)
  })

  test('does not modify a file that is not a journal, complete or cut off', () => {
    for (const text of ['a note without an end', '{"journal":"greenlit","version":2}\n', '{"journal":"other"']) {
      const path = newPath()
      writeFileSync(path, text)
      expect(() => new JournalFrontier(path, { resume: true })).toThrow(/Expected a journal in .* in line 1/)
      expect(readFileSync(path, 'utf8')).toBe(text)
      expect(existsSync(`${path}.lock`)).toBe(false)
    }
  })

  test('throws if the disk is full, and releases its lock', () => {
    const path = newPath()
    const { writeSync } = fs
    fs.writeSync = (descriptor: number, data: unknown, ...rest: unknown[]): number => {
      if (String(data).startsWith('{"journal"')) throw new Error('ENOSPC: no space left on device, write')
      return writeSync(descriptor, data as string, ...(rest as []))
    }
    syncBuiltinESMExports()
    try {
      expect(() => new JournalFrontier(path)).toThrow('ENOSPC')
    } finally {
      fs.writeSync = writeSync
      syncBuiltinESMExports()
    }
    expect(existsSync(`${path}.lock`)).toBe(false)
    new JournalFrontier(path).close()
  })

  test('writes nothing for known requests', async () => {
    const path = newPath()
    const frontier = new JournalFrontier(path)
    await frontier.add([page('http://a/1')])
    const before = readFileSync(path, 'utf8')
    await frontier.add([page('http://a/1')])
    await frontier.add([])
    expect(readFileSync(path, 'utf8')).toBe(before)
    await frontier.close()
  })

  test('refuses calls once closed', async () => {
    const frontier = new JournalFrontier(newPath())
    await frontier.close()
    await frontier.close()
    await expect(frontier.add([page('http://a/1')])).rejects.toThrow('closed')
  })
})
