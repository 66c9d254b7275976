import type { RequestListener } from 'node:http'
import { attempt, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { RobotsCache } from '../../src/crawl/robots-cache.ts'
import type { HTTPError } from '../../src/errors/http-error.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const KIBIBYTE = 1024

test('caches the rules of many sites up to a total size, evicting the oldest', async () => {
  const fileOf = (length: number) => `User-agent: *\nDisallow: /private\n# ${'-'.repeat(length)}\n`
  const asked: string[] = []
  const site = await startSite({
    '/robots.txt': (request, response) => {
      const host = request.headers.host!.split('.')[0]!
      asked.push(host)
      response.end(fileOf(host.startsWith('small') ? KIBIBYTE : 500 * KIBIBYTE))
    },
  })
  const session = new Session({
    trustEnv: false,
    lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  const cache = new RobotsCache(session, {}, 1000)
  const isAllowed = async (host: string) => {
    const url = new URL(`http://${host}.test:${site.port}/private`)
    const rules = await spawn(() => cache.rulesFor(url))
    return rules.allows(url, 'greenlit')
  }
  for (let index = 0; index < 30; index += 1) expect(await isAllowed(`small${index}`)).toBe(false)
  for (let index = 0; index < 30; index += 1) await isAllowed(`small${index}`)
  expect(asked).toHaveLength(30)
  asked.length = 0
  for (let index = 0; index < 40; index += 1) expect(await isAllowed(`large${index}`)).toBe(false)
  await isAllowed('large39')
  expect(asked).toHaveLength(40)
  await isAllowed('large0')
  expect(asked.at(-1)).toBe('large0')
  expect(asked).toHaveLength(41)
  await session.close()
  await site.close()
})

test('reads no more than the beginning of an endless file, and nothing of the page of a missing one', async () => {
  const closed: string[] = []
  const endless =
    (status: number): RequestListener =>
    (request, response) => {
      response.on('close', () => closed.push(request.headers.host!.split('.')[0]!))
      response.writeHead(status)
      const write = (): void => {
        while (response.write('Disallow: /private\n'.repeat(100)));
      }
      response.on('drain', write)
      response.write('User-agent: *\n')
      write()
    }
  const [found, missing] = [
    await startSite({ '/robots.txt': endless(200) }),
    await startSite({ '/robots.txt': endless(404) }),
  ]
  const session = new Session({ trustEnv: false })
  const cache = new RobotsCache(session, {}, 1000)
  for (const [site, allowed] of [
    [found, false],
    [missing, true],
  ] as const) {
    const url = new URL(`http://127.0.0.1:${site.port}/private`)
    const rules = await spawn(() => cache.rulesFor(url))
    expect(rules.allows(url, 'greenlit')).toBe(allowed)
    await expect.poll(() => site.open()).toBe(0)
  }
  expect(closed).toHaveLength(2)
  await session.close()
  for (const site of [found, missing]) await site.close()
})

test('remembers a failure for a while, then asks the site again', async () => {
  let asked = 0
  const site = await startSite({
    '/robots.txt': (_, response) => {
      asked += 1
      response.writeHead(asked < 3 ? 503 : 200).end('User-agent: *\nDisallow: /private')
    },
  })
  const session = new Session({ trustEnv: false })
  const url = new URL(`http://127.0.0.1:${site.port}/private`)
  const allowed = (cache: RobotsCache) =>
    spawn(function* () {
      const rules = yield* attempt(cache.rulesFor(url))
      return rules.ok ? rules.value.allows(url, 'greenlit') : (rules.error as HTTPError).response!.statusCode
    })
  const patient = new RobotsCache(session, {}, 60_000)
  expect([await allowed(patient), await allowed(patient), asked]).toEqual([503, 503, 1])
  const hasty = new RobotsCache(session, {}, 0)
  expect([await allowed(hasty), asked]).toEqual([503, 2])
  const both = [allowed(hasty), allowed(hasty)]
  expect([await both[0], await both[1], asked]).toEqual([false, false, 3])
  await session.close()
  await site.close()
})

test('when the greenlet that fetches the rules is killed, one of the waiters fetches them for all', async () => {
  let asked = 0
  const site = await startSite({
    '/robots.txt': (_, response) => {
      asked += 1
      if (asked > 1) response.end('User-agent: *\nDisallow: /private')
    },
  })
  const session = new Session({ trustEnv: false })
  const url = new URL(`http://127.0.0.1:${site.port}/private`)
  const cache = new RobotsCache(session, {}, 60_000)
  const first = spawn(() => cache.rulesFor(url))
  const others = [1, 2, 3].map(() => spawn(() => cache.rulesFor(url)))
  await expect.poll(() => asked).toBe(1)
  await first.kill()
  for (const other of others) expect((await other).allows(url, 'greenlit')).toBe(false)
  expect(asked).toBe(2)
  await session.close()
  await site.close()
})
