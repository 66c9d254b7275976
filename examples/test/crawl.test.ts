import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { Progress } from '../crawl/progress.ts'
import { runExample, startExample } from './support/run-example.ts'

interface Line {
  url: string
  ok: boolean
  status?: number
  encoding?: string
  title?: string
  error?: string
  message?: string
}

async function withServer<T>(answer: (server: Server) => void, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer()
  answer(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('the embedded site is crawled even if the environment names a proxy', async () => {
  vi.stubEnv('http_proxy', 'http://127.0.0.1:9')
  const run = await runExample('crawl', ['--json']).finally(() => vi.unstubAllEnvs())
  const lines = run.lines.map((line) => JSON.parse(line) as Line)
  expect(lines.find(({ url }) => url.endsWith('/utf-8'))).toMatchObject({ ok: true, status: 200 })
})

test('the embedded site is crawled, each page in its own encoding', async () => {
  const run = await runExample('crawl', ['--json'])
  expect(run.status).toBe(0)
  const lines = run.lines.map((line) => JSON.parse(line) as Line)
  const page = (path: string) => lines.find((line) => new URL(line.url).pathname === path)
  expect(lines).toHaveLength(23)
  for (const [path, encoding] of [
    ['/utf-8', 'utf-8'],
    ['/utf-8-undeclared', 'utf-8'],
    ['/windows-1252-meta', 'windows-1252'],
    ['/gzip', 'utf-8'],
    ['/br', 'utf-8'],
    ['/redirect', 'utf-8'],
  ] as const) {
    expect(page(path), path).toMatchObject({ ok: true, status: 200, encoding })
  }
  const encodings = new Map([
    ['gbk', /^gb(k|18030|2312)$/],
    ['big5', /^big5/],
    ['shift_jis', /^shift_jis$/],
    ['euc-kr', /^euc-kr$/],
  ])
  for (const [name, expected] of encodings) {
    const pages = lines.filter((line) => new URL(line.url).pathname.startsWith(`/${name}`))
    expect(pages.length).toBeGreaterThan(0)
    for (const line of pages) expect(line.encoding, line.url).toMatch(expected)
  }
  expect(page('/missing')).toMatchObject({ ok: false, error: 'HTTPError' })
  expect(page('/broken')).toMatchObject({ ok: false, error: 'HTTPError' })
  expect(page('/never-answers')).toMatchObject({ ok: false, error: expect.stringContaining('Timeout') })
  expect(page('/trickles')).toMatchObject({ ok: false, error: expect.stringContaining('Timeout') })
  expect(lines.filter((line) => line.error === 'ConnectionError')).toHaveLength(2)
})

test('the table has a line for each URL and a summary of no more time than its slowest page takes, without control codes', async () => {
  const run = await runExample('crawl')
  expect(run.status).toBe(0)
  expect(run.lines[0]).toMatch(/^url +status +encoding +bytes +ms$/)
  expect(run.lines).toHaveLength(25)
  const summary = /^23 URLs in ([\d.]+) s: 17 fetched \(\d+ bytes\), 6 failed$/.exec(run.lines.at(-1)!)
  // Two pages never end, and are given up after 3 s each: one after the other would take 6.
  expect(Number(summary?.[1])).toBeLessThan(6)
  expect(run.output + run.errors).not.toContain('\u001b')
})

test('URLs come from the command line and from a file, and a bad one fails alone', async () => {
  await withServer(
    (server) => server.on('request', (request, response) => response.end(`<title>${request.url}</title>`)),
    async (url) => {
      const folder = await mkdtemp(join(tmpdir(), 'crawl-'))
      const file = join(folder, 'urls.txt')
      await writeFile(file, `# a list\n${url}/listed\n\nnot a url\n`)
      const run = await runExample('crawl', [`${url}/given`, '--file', file, '--json'])
      await rm(folder, { recursive: true })
      const lines = run.lines.map((line) => JSON.parse(line) as Line)
      const titles = lines.filter((line) => line.ok).map((line) => line.title)
      expect(run.status).toBe(0)
      expect(titles.sort()).toEqual(['/given', '/listed'])
      expect(lines.filter((line) => !line.ok)).toMatchObject([{ url: 'not a url', error: 'MissingSchema' }])
    },
  )
})

test('it exits with 1 if every URL failed', async () => {
  const run = await runExample('crawl', ['http://127.0.0.1:1/'])
  expect(run.status).toBe(1)
})

test.each(['--help', '-h'])('%s shows the usage', async (option) => {
  const run = await runExample('crawl', [option])
  expect([run.status, run.errors]).toEqual([0, ''])
  expect(run.output).toMatch(/^usage: npm run crawl .*\n/)
})

test.each([['--unknown'], ['--timeout', 'soon'], ['--file', 'no-such-file.txt']])(
  'it exits with 2 and its usage in one line for %s %s',
  async (...args) => {
    const run = await runExample('crawl', args)
    expect(run.status).toBe(2)
    expect(run.output).toBe('')
    expect(run.errors).toMatch(/\nusage: npm run crawl .*\n$/)
  },
)

test('SIGINT ends what is under way, prints what was done and exits with 130', async () => {
  await withServer(
    (server) =>
      server.on('request', (request, response) => {
        if (request.url === '/quick') response.end('<title>quick</title>')
        else server.emit('stuck')
      }),
    async (url) => {
      const { child, ended } = startExample('crawl', [`${url}/quick`, `${url}/stuck`, '--json'])
      await once(child.stdout!, 'data')
      child.kill('SIGINT')
      const run = await ended
      expect(run.status).toBe(130)
      expect(run.lines.map((line) => (JSON.parse(line) as Line).title)).toEqual(['quick'])
      expect(run.errors).toContain('1 URLs in')
    },
  )
})

test('a terminal shows live progress in one line', () => {
  let written = ''
  const terminal = {
    isTTY: true,
    write: (text: string) => {
      written += text
      return true
    },
  } as NodeJS.WriteStream
  const progress = new Progress(terminal, 2)
  progress.add(true)
  progress.add(false)
  progress.clear()
  expect(written).toContain('2/2 done, 0 in flight, 1 failed')
  expect(written.endsWith('\r\u001b[2K')).toBe(true)
})

test('the short crawler prints pages, and failures beside them', async () => {
  await withServer(
    (server) => server.on('request', (_request, response) => response.end('a page')),
    async (url) => {
      const run = await runExample('crawler', [url, 'http://127.0.0.1:1/'])
      expect([...run.lines].sort()).toEqual([
        expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/ failed: .*ECONNREFUSED/),
        `${url} a page`,
      ])
    },
  )
})

test.each(['crawler', 'axios-crawler'])('%s without a URL shows how to use it', async (name) => {
  const run = await runExample(name)
  expect(run).toMatchObject({ output: '', errors: `usage: node examples/dist/${name}.js URL...\n`, status: 2 })
})
