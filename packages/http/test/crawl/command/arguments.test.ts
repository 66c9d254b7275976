import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseArguments } from '../../../src/crawl/command/arguments.ts'

const folder = mkdtempSync(join(tmpdir(), 'greenlit-arguments-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('parses all options', () => {
  const line =
    'http://a/ http://b/ --depth 12 --concurrency 5 --per-host 1 --delay 0 --out o --journal j --resume --report r --json --allow-private --no-robots --host a --host b --allow 10.0.0.0/8 --max-pages 1 --max-size 1 --timeout 1 --retries 0 --sitemaps --autothrottle --user-agent me'
  expect(parseArguments(line.split(' '))).toMatchObject({
    urls: ['http://a/', 'http://b/'],
    depth: 12,
    concurrency: 5,
    perHost: 1,
    delay: 0,
    out: 'o',
    journal: 'j',
    resume: true,
    report: 'r',
    json: true,
    allowPrivate: true,
    robots: false,
    hosts: ['a', 'b'],
    allow: ['10.0.0.0/8'],
    maxPages: 1,
    maxSize: 1,
    timeout: 1,
    retries: 0,
    sitemaps: true,
    autothrottle: true,
    userAgent: 'me',
  })
})

test('adds http:// to a URL without scheme, like a browser', () => {
  const { urls } = parseArguments([
    'example.org',
    'localhost:8080/a',
    '127.0.0.1?b',
    'bücher.example/a',
    '[::1]:8080/',
    'https://a.example/',
    'word',
    'mailto:a.b',
  ]) as { urls: readonly string[] }
  expect(urls).toEqual([
    'http://example.org',
    'http://localhost:8080/a',
    'http://127.0.0.1?b',
    'http://bücher.example/a',
    'http://[::1]:8080/',
    'https://a.example/',
    'word',
    'mailto:a.b',
  ])
})

test('options have defaults', () => {
  expect(parseArguments(['http://a/'])).toMatchObject({
    depth: 0,
    robots: true,
    json: false,
    allow: [],
    allowPrivate: false,
    sitemaps: false,
    autothrottle: false,
    hosts: undefined,
  })
})

test('reads URLs from a file', () => {
  const file = join(folder, 'urls')
  writeFileSync(file, '# mine\r\nhttp://a/\n\n  http://b/  \rhttp://d/')
  expect(parseArguments(['http://c/', '--file', file])).toMatchObject({
    urls: ['http://c/', 'http://a/', 'http://b/', 'http://d/'],
  })
  for (const encoding of ['utf8', 'utf16le'] as const) {
    writeFileSync(file, '\uFEFF# mine\r\nhttp://ä/\r\n', encoding)
    expect(parseArguments(['--file', file])).toMatchObject({ urls: ['http://ä/'] })
  }
  writeFileSync(file, '# none\n')
  expect(() => parseArguments(['--file', file])).toThrow(/Expected --file to list URLs/)
})

test('recognises --help and --version', () => {
  expect(parseArguments(['-h', '--depth', 'x'])).toBe('help')
  expect(parseArguments(['--version'])).toBe('version')
})

test('needs no URL to resume a journal', () => {
  expect(parseArguments(['--journal', 'j', '--resume'])).toMatchObject({ urls: [], resume: true })
})

test('takes everything after two dashes for URLs', () => {
  const lines = ['--delay 0 -- http://a/ --depth -1', '--delay 0 -- -1', '--json http://a/-1']
  const urls = lines.map((line) => (parseArguments(line.split(' ')) as { urls: readonly string[] }).urls)
  expect(urls).toEqual([['http://a/', '--depth', '-1'], ['-1'], ['http://a/-1']])
})

test('allows a device for several options, but a file only for one', () => {
  expect(parseArguments(['http://a/', '--out', '/dev/stdout', '--report', '/dev/stdout'])).toMatchObject({
    out: '/dev/stdout',
  })
  const link = join(folder, 'link')
  symlinkSync('target', link)
  expect(() => parseArguments(['http://a/', '--out', link, '--report', join(folder, 'target')])).toThrow(
    'Expected --out and --report to be different files',
  )
})

test.each([
  [[], /Expected a URL/],
  [['http://a/', '--depth', '-1'], /Expected --depth to be a whole number from 0 up, got "-1"/],
  [['http://a/', '--out', 'same', '--journal', './same'], /Expected --journal and --out to be different files/],
  [['http://a/', '--file', 'same', '--report', 'same'], /Expected --file and --report to be different files/],
  [['http://a/', '--report', ''], /Expected --report to be the name of a file, got ""/],
  [['http://a/', '--depth', '1.5'], /Expected --depth to be a whole number from 0 up, got "1.5"/],
  [['http://a/', '--concurrency', '0'], /Expected --concurrency to be a whole number from 1 up, got "0"/],
  [['http://a/', '--what'], /--what/],
  [['http://a/', '--json', '-1'], /'-1'/],
  [['http://a/', '--out', '-h'], /'--out/],
  [['--resume'], /Expected --journal where --resume is/],
  [['--file', '/no/such/file'], /ENOENT/],
])('refuses %j', (args, message) => {
  expect(() => parseArguments(args)).toThrow(message)
})
