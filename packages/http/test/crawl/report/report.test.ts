import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { VisitRecord } from '../../../src/crawl/command/record.ts'
import { crawlReport } from '../../../src/crawl/report/report.ts'

const folder = mkdtempSync(join(tmpdir(), 'greenlit-report-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const EVIL = '</script><script>document.title="taken over"</script><img src=x onerror="document.title=1">'

function records(count: number): VisitRecord[] {
  const rows: VisitRecord[] = Array.from({ length: count }, (_, at) => ({
    url: `https://host${at % 3}.example/${at}`,
    ok: true,
    host: `host${at % 3}.example`,
    depth: 1,
    attempt: 1,
    start: at * 10,
    elapsed: 25,
    status: 200,
    encoding: at % 2 === 0 ? 'gbk' : 'utf-8',
    bytes: 1000 - at,
    title: `Page ${at}`,
  }))
  rows.push({
    url: 'javascript:alert(1)',
    ok: false,
    host: '',
    depth: 0,
    attempt: 3,
    start: 5,
    elapsed: 7,
    error: { name: 'InvalidSchema', message: EVIL },
  })
  return rows
}

const report = (count: number) => crawlReport(records(count), { pages: count, failed: 1, bytes: 123456, elapsed: 4000 })

describe('crawlReport', () => {
  test('is a self-contained page with all visits', () => {
    const html = report(10)
    expect(html).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//)
    expect(html).toContain("default-src 'none'")
    for (const text of ['<dd>11</dd>', '<dd>10</dd>', '<dd>120.6 KiB</dd>', '<dd>4.0 s</dd>', '<dd>2.5/s</dd>'])
      expect(html).toContain(text)
    const data = /id="data">(.*?)<\/script>/s.exec(html)![1]!
    expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(records(10))))
    expect(data).not.toContain('<')
  })

  test('says how many visits are left out', () => {
    expect(crawlReport(records(10), { pages: 500, failed: 1, bytes: 0, elapsed: 1 })).toContain(
      '490 of the fetched URLs',
    )
  })
})

const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((path) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(path, name)))
  .find((path) => existsSync(path))
if (CHROMIUM === undefined) console.log('Skipped: the report in a browser, as there is no Chromium')

/** Returns the DOM of the report after a script has operated it in the browser. */
function inBrowser(html: string, script: string): string {
  const file = join(folder, 'report.html')
  writeFileSync(
    file,
    html.replace('</body>', () => `<script>${script}</script></body>`),
  )
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${join(folder, 'profile')}`,
    '--dump-dom',
    pathToFileURL(file).href,
  ]
  return execFileSync(CHROMIUM!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000 })
}

describe.runIf(CHROMIUM !== undefined)('the report in a browser', () => {
  test('draws, sorts and filters, and runs nothing that a server sent', { timeout: 120_000 }, () => {
    const dom = inBrowser(
      report(500),
      `
      const texts = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent)
      const result = {
        bars: document.querySelectorAll('#waterfall i').length,
        bad: document.querySelectorAll('#waterfall i.bad').length,
        lanes: document.querySelectorAll('#waterfall .track').length,
        hosts: texts('#waterfall summary'),
        errors: texts('#errors .count'),
        encodings: texts('#encodings .count'),
        rows: texts('#table tbody tr').length,
        shown: texts('#shown'),
        links: [...document.querySelectorAll('#table a')].every(({ href }) => href.startsWith('https://')),
      }
      const heading = (name) => [...document.querySelectorAll('th button')].find(({ textContent }) => textContent === name)
      const first = () => texts('#table tbody tr:first-child td')[3]
      heading('Bytes').click()
      result.least = first()
      heading('Bytes').click()
      result.most = first()
      result.sorted = texts('th[aria-sort=descending]')
      document.querySelector('#more').click()
      result.more = texts('#shown')
      const filter = document.querySelector('#filter')
      filter.value = 'INVALIDSCHEMA'
      filter.dispatchEvent(new Event('input'))
      result.filtered = texts('#table tbody tr')
      result.title = document.title
      document.body.replaceChildren(document.createElement('pre'))
      document.querySelector('pre').textContent = 'RESULT' + encodeURIComponent(JSON.stringify(result)) + 'END'
      `,
    )
    const result = JSON.parse(
      decodeURIComponent(/RESULT(.*?)END/.exec(dom.slice(dom.lastIndexOf('<pre>')))![1]!),
    ) as Record<string, unknown>
    expect(result).toMatchObject({
      bars: 501,
      bad: 1,
      errors: ['InvalidSchema1'],
      encodings: ['gbk250', 'utf-8250'],
      rows: 200,
      shown: ['200 of 501'],
      links: true,
      least: '',
      most: '1000',
      sorted: ['Bytes'],
      more: ['400 of 501'],
      title: 'Crawl report',
    })
    expect(result.lanes).toBeLessThan(10)
    expect(result.hosts).toEqual([
      'host0.example 167 URLs, 0 failed',
      'host1.example 167 URLs, 0 failed',
      'host2.example 166 URLs, 0 failed',
      '(no host) 1 URLs, 1 failed',
    ])
    expect(result.filtered).toHaveLength(1)
    expect((result.filtered as string[])[0]).toContain(EVIL)
  })
})
