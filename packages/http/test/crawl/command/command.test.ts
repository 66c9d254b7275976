import { type ChildProcess, spawn as spawnProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from '@greenlit/core'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { crawlCommand } from '../../../src/crawl/command/command.ts'
import type { VisitRecord } from '../../../src/crawl/command/record.ts'
import { LineFile } from '../../../src/crawl/line-file.ts'
import { guardLeaks } from '../../support/guard.ts'
import { type CrawlSite, linksTo, startCrawlSite } from '../crawl-site.ts'

guardLeaks()

const sites: CrawlSite[] = []
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close()
})
const folder = mkdtempSync(join(tmpdir(), 'greenlit-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
const PROGRAM = fileURLToPath(new URL('../../../bin/greenlit-crawl.js', import.meta.url))

async function start(pages: Parameters<typeof startCrawlSite>[0]): Promise<CrawlSite> {
  const site = await startCrawlSite(pages)
  sites.push(site)
  return site
}

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const status = await crawlCommand(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  })
  return { status, out, err }
}

const recordsIn = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as VisitRecord)

describe('greenlit-crawl', () => {
  test('prints a line for each URL and a summary', async () => {
    const site = await start({ '/': linksTo('/a', '/missing'), '/a': 'a' })
    const { status, out, err } = await run(`${site.url}/`, '--depth', '1', '--allow', '127.0.0.1')
    expect(status).toBe(0)
    expect(out.trimEnd().split('\n')).toHaveLength(3)
    expect(out).toContain(`${site.url}/missing  HTTPError: 404 Not Found`)
    expect(err).toMatch(/^3 URLs in \d+\.\d s: 2 fetched \(\d+ B\), 1 failed\n$/)
    expect(out + err).not.toContain('\x1b')
    expect(out + err).not.toContain('\r')
  })

  test('without a URL needs a journal that exists', async () => {
    const journal = join(folder, 'none.journal')
    const { status, out, err } = await run('--journal', journal, '--resume')
    expect([status, out]).toEqual([2, ''])
    expect(err).toContain('Expected a URL, or a --journal to resume, got no file')
    expect(existsSync(journal)).toBe(false)
  })

  test('prints JSON, and writes it to a file', async () => {
    const site = await start({ '/': linksTo('/missing') })
    const file = join(folder, 'out.jsonl')
    writeFileSync(file, 'old\n')
    const { out } = await run(site.url, '--depth', '1', '--allow-private', '--json', '--out', file)
    expect(readFileSync(file, 'utf8')).toBe(out)
    const [page, missing] = recordsIn(out)
    expect(page).toMatchObject({
      url: `${site.url}/`,
      ok: true,
      status: 200,
      encoding: 'utf-8',
      title: 'Links',
      depth: 0,
    })
    expect(missing).toMatchObject({
      url: `${site.url}/missing`,
      ok: false,
      status: 404,
      from: `${site.url}/`,
      error: { name: 'HTTPError', code: 'HTTP_STATUS' },
    })
  })

  test('reports the outcome by its exit status', async () => {
    const site = await start({})
    expect((await run(site.url, '--allow-private')).status).toBe(1)
    const refused = await run(site.url)
    expect(refused.status).toBe(1)
    expect(refused.out).toContain('AddressForbidden')
    expect(site.asked).toEqual(['/'])
    const wrong = await run(site.url, '--depth', 'x')
    expect(wrong.status).toBe(2)
    expect(wrong.err).toMatch(/^Expected --depth .*\nusage: greenlit-crawl .*\n$/)
    expect(wrong.out).toBe('')
    const help = await run('--help')
    expect(help).toMatchObject({ status: 0, err: '' })
    for (const option of [
      '--file',
      '--concurrency',
      '--per-host',
      '--delay',
      '--depth',
      '--out',
      '--journal',
      '--resume',
      '--report',
      '--json',
      '--allow-private',
    ]) {
      expect(help.out).toContain(option)
    }
  })

  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    for (const option of ['-V', '--version']) {
      expect(await run(option)).toMatchObject({ status: 0, out: `greenlit-crawl ${version}\n`, err: '' })
    }
  })

  test('prints how many URLs robots.txt disallowed', async () => {
    const site = await start({ '/robots.txt': 'User-agent: *\nDisallow: /' })
    const { status, err } = await run(site.url, '--allow-private')
    expect(status).toBe(0)
    expect(err).toContain('0 URLs in')
    expect(err).toContain('1 not allowed by robots.txt')
    expect(site.asked).toEqual([])
    expect((await run(site.url, '--allow-private', '--no-robots')).out).toContain('404')
  })

  test('prints how many redirects led to known pages or other hosts', async () => {
    const other = await start({ '/': 'other' })
    const to = (location: string) => (_: unknown, response: import('node:http').ServerResponse) =>
      response.writeHead(302, { location }).end()
    const site = await start({ '/': linksTo('/home', '/away'), '/home': to('/'), '/away': to(`${other.url}/`) })
    const { err } = await run(`${site.url}/`, '--depth', '1', '--allow-private')
    expect(err).toContain('1 URLs in')
    expect(err).toContain(', 1 redirected to other pages of the crawl, 1 redirected to other hosts\n')
  })

  test('uses the names of command-line options in errors', async () => {
    expect((await run('http://a/', '--host', 'a/b')).err).toMatch(/^Expected --host to hold host names/)
    expect((await run('http://a/', '--allow', '10.0.0.0/99')).err).toMatch(/in --allow to end in \/0 to \/32/)
    expect((await run('http://127.0.0.1:1/')).out).toContain('AddressForbidden: 127.0.0.1 is no address')
    expect((await run('http://127.0.0.1:1/')).out).toContain('and --allow does not list it')
    expect((await run('http://a/', '--user-agent', '7')).err).toMatch(/^Expected --user-agent to be a string/)
  })

  test('prints a single line of JSON whatever the title of a page', async () => {
    const site = await start({ '/': '<title>a\u2028b</title><meta charset=utf-8>' })
    const { out } = await run(site.url, '--allow-private', '--json')
    expect(out).toContain('"title":')
    expect(out.split(/[\n\u2028]/)).toHaveLength(2)
  })

  test('overwrites nothing if the crawl cannot begin', async () => {
    const journal = join(folder, 'other')
    const file = join(folder, 'keep.jsonl')
    writeFileSync(journal, 'something\n')
    writeFileSync(file, 'old\n')
    const { status, err } = await run('http://a/', '--journal', journal, '--out', file)
    expect(status).toBe(2)
    expect(err).toContain('Expected --journal to be a new file')
    expect(readFileSync(file, 'utf8')).toBe('old\n')
  })

  test('fails before the crawl if a file cannot be written, and leaves no lock file', async () => {
    const site = await start({ '/': 'home' })
    const nowhere = join(folder, 'no', 'such', 'file')
    const journal = join(folder, 'unused')
    for (const option of ['--report', '--out']) {
      expect(await run(site.url, '--allow-private', '--journal', journal, option, nowhere)).toMatchObject({
        status: 2,
        err: expect.stringContaining('ENOENT'),
      })
      expect(existsSync(`${journal}.lock`)).toBe(false)
      rmSync(journal)
    }
    expect(site.asked).toEqual([])
  })

  test.each(['--journal', '--out'])('reports that the file of %s may be incomplete', async (option) => {
    const site = await start({ '/': 'home' })
    const close = vi.spyOn(LineFile.prototype, 'close').mockImplementation(function (this: LineFile) {
      close.mockRestore()
      this.close()
      throw new Error('EIO: i/o error, fsync')
    })
    const { status, err } = await run(site.url, '--allow-private', option, join(folder, `unsafe${option}`))
    expect(status).toBe(1)
    expect(err).toContain('1 fetched (4 B), 0 failed\n')
    expect(err).toContain('The crawl ended early: EIO: i/o error, fsync\n')
  })

  test.runIf(existsSync('/dev/full'))('reports that a report or a line could not be written', async () => {
    const site = await start({ '/': 'home' })
    const [report, out] = [
      await run(site.url, '--allow-private', '--report', '/dev/full'),
      await run(site.url, '--allow-private', '--out', '/dev/full'),
    ]
    expect([report.status, out.status]).toEqual([1, 1])
    expect(report.err).toContain('1 fetched (4 B), 0 failed\nThe report could not be written: ENOSPC')
    expect(out.err).toContain('The crawl ended early: ENOSPC')
  })

  test('shows live progress on a terminal', async () => {
    const site = await start({ '/': (_, response) => setTimeout(() => response.end('x'), 300) })
    let shown = ''
    await crawlCommand([site.url, '--allow-private'], {
      stdout: { write: () => {} },
      stderr: { isTTY: true, columns: 60, write: (text) => (shown += text) },
    })
    expect(shown).toContain('1 in flight, 0 queued')
    const lines = shown.split('\x1b').flatMap((part) => part.replace(/^\[\d*[AJ]/, '').split('\n'))
    for (const line of lines) expect(line.length).toBeLessThan(60)
  })

  test('shows whole lines on a terminal of unknown width', async () => {
    const site = await start({ '/': (_, response) => setTimeout(() => response.end('x'), 300) })
    let shown = ''
    await crawlCommand([site.url, '--allow-private'], {
      stdout: { write: () => {} },
      stderr: { isTTY: true, columns: 0, write: (text) => (shown += text) },
    })
    expect(shown).toContain('0 retries, 0 B\n')
  })

  test('writes a report', async () => {
    const site = await start({ '/': linksTo('/a'), '/a': 'a' })
    const file = join(folder, 'report.html')
    await run(site.url, '--depth', '1', '--allow-private', '--report', file)
    expect(readFileSync(file, 'utf8')).toContain(`"url":"${site.url}/a"`)
  })
})

describe.runIf(existsSync(fileURLToPath(new URL('../../../dist/crawl/command/main.js', import.meta.url))))(
  'the greenlit-crawl program',
  () => {
    const children: ChildProcess[] = []
    afterEach(async () => {
      for (const child of children.splice(0))
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    })
    const launch = (...args: string[]) => {
      const child = spawnProcess(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      children.push(child)
      return child
    }

    test('resumes after a kill -9: nothing finished is repeated, nothing is lost', {
      timeout: 90_000,
    }, async () => {
      const names = Array.from({ length: 300 }, (_, at) => `/${at}`)
      const pages = Object.fromEntries(names.map((name) => [name, `page ${name}`]))
      const site = await start({ '/': linksTo(...names), ...pages })
      const journal = join(folder, 'killed')
      const file = join(folder, 'killed.jsonl')
      const args = [
        '--depth',
        '1',
        '--allow-private',
        '--no-robots',
        '--per-host',
        '4',
        '--journal',
        journal,
        '--out',
        file,
        '--json',
      ]
      let rounds = 0
      for (let resume: string[] = []; ; resume = ['--resume']) {
        const child = launch(site.url, ...args, ...resume)
        child.stderr!.resume()
        let lines = 0
        child.stdout!.on('data', (data: Buffer) => {
          lines += data.toString().split('\n').length - 1
          if (lines > 60 && rounds < 3) child.kill('SIGKILL')
        })
        await once(child, 'close')
        if (child.signalCode === null) break
        rounds += 1
      }
      expect(rounds).toBe(3)
      const records = recordsIn(readFileSync(file, 'utf8'))
      expect(new Set(records.map(({ url }) => new URL(url).pathname))).toEqual(new Set(['/', ...names]))
      // A page in progress when the process died is fetched again: after each of the three kills at most `concurrency` of them.
      expect(site.asked.length - 301).toBeLessThanOrEqual(3 * 4)
      expect(records.length - 301).toBeLessThanOrEqual(3 * 4)
    })

    test('reads URLs from standard input, however late they come', { timeout: 60_000 }, async () => {
      const site = await start({ '/1': 'one', '/2': 'two' })
      const child = spawnProcess(process.execPath, [PROGRAM, '--file', '-', '--allow-private', '--no-robots'])
      children.push(child)
      child.stdout.resume()
      let err = ''
      child.stderr.on('data', (data: Buffer) => (err += data.toString()))
      await sleep(500)
      child.stdin.write(`${site.url}/1\n`)
      await sleep(50)
      child.stdin.end(`${site.url}/2`)
      const [code] = (await once(child, 'close')) as [number]
      expect([code, err]).toEqual([0, expect.stringContaining('2 fetched')])
      expect([...site.asked].sort()).toEqual(['/1', '/2'])
    })

    test('refuses a journal that another process is using', { timeout: 60_000 }, async () => {
      const site = await start({ '/': () => {} })
      const args = [site.url, '--allow-private', '--no-robots', '--journal', join(folder, 'shared')]
      const first = launch(...args)
      first.stdout!.resume()
      while (site.asked.length < 1) await sleep(5)
      const second = launch(...args, '--resume')
      let err = ''
      second.stderr!.on('data', (data: Buffer) => (err += data.toString()))
      const [code] = (await once(second, 'close')) as [number]
      expect(code).toBe(2)
      expect(err).toContain(`which process ${first.pid} on`)
      expect(site.asked).toEqual(['/'])
      first.kill('SIGKILL')
      await once(first, 'close')
      const third = launch(...args, '--resume')
      third.stdout!.resume()
      while (site.asked.length < 2) await sleep(5)
      third.kill('SIGKILL')
      await once(third, 'close')
    })

    test.each(['SIGINT', 'SIGTERM'] as const)(
      'on %s closes its requests, tells what was done and can go on',
      { timeout: 60_000 },
      async (signal) => {
        const site = await start({ '/': linksTo('/hang'), '/hang': () => {} })
        const journal = join(folder, signal)
        const child = launch(site.url, '--depth', '1', '--allow-private', '--journal', journal)
        let err = ''
        child.stderr!.on('data', (data: Buffer) => (err += data.toString()))
        child.stdout!.resume()
        while (site.asked.length < 2) await sleep(5)
        child.kill(signal)
        const [code] = (await once(child, 'close')) as [number]
        expect(code).toBe(130)
        expect(err).toMatch(/1 URLs in .*: 1 fetched .*, 0 failed, interrupted/)
        while (site.atOnce() > 0) await sleep(5)
      },
    )
  },
)
