/**
 * Crawls a synthetic site: `node bench/http/crawl.mjs [--pages N] [--hosts N] [--concurrency N] [--journal FILE]`. By default it has
 * 100,000 pages on 20 hosts. The site runs in another process; host names are resolved by a function, and the guard is on. Prints the
 * rate, the CPU time per page and the memory use during the crawl, which should stay flat. With `node --expose-gc` the heap figure
 * excludes garbage.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from '@greenlit/core'
import { crawl, Session } from '@greenlit/http'

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '100000' },
    hosts: { type: 'string', default: '20' },
    concurrency: { type: 'string', default: '50' },
    journal: { type: 'string' },
  },
})
const hosts = Number(values.hosts)
const pagesOfHost = Math.ceil(Number(values.pages) / hosts)
const script = fileURLToPath(new URL('./crawl-server.mjs', import.meta.url))
const server = spawn(process.execPath, [script, String(pagesOfHost)], { stdio: ['pipe', 'pipe', 'inherit'] })
const port = String((await once(server.stdout, 'data'))[0]).trim()
const seeds = Array.from({ length: hosts }, (_, at) => `http://site${at}.example:${port}/0`)
const lookup = (_name, { all }, callback) =>
  all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

const mebibytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(0).padStart(4)} MiB`
const step = Math.max(1, Math.floor((pagesOfHost * hosts) / 10))
let pages = 0
let most = 0
const started = performance.now()
const before = process.cpuUsage()
let last = { at: started, cpu: before }

function printProgress() {
  const at = performance.now()
  const cpu = process.cpuUsage()
  const rate = step / ((at - last.at) / 1000)
  const spent = (cpu.user + cpu.system - last.cpu.user - last.cpu.system) / step
  last = { at, cpu }
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  console.log(
    `${String(pages).padStart(8)} pages ${rate.toFixed(0).padStart(6)} pages/s ${spent.toFixed(0).padStart(5)} us CPU/page, ${mebibytes(rss)} resident, ${mebibytes(heapUsed)} heap`,
  )
}

console.log(`Node ${process.version}, ${pagesOfHost * hosts} pages on ${hosts} hosts, ${values.concurrency} at a time`)
const stats = await run(function* () {
  return yield* crawl({
    seeds,
    session: new Session({ lookup, trustEnv: false }),
    guard: { allow: ['127.0.0.0/8'] },
    concurrency: Number(values.concurrency),
    journal: values.journal,
    handle(page) {
      if (page.title === '') throw new Error(`Expected ${page.url} to have a title`)
    },
    onVisit() {
      pages += 1
      if (pages % 1000 === 0) most = Math.max(most, process.memoryUsage.rss())
      if (pages % step === 0) printProgress()
    },
  })
})
const seconds = (performance.now() - started) / 1000
const cpu = process.cpuUsage(before)
server.stdin.end()
console.log(
  `${stats.pages} pages, ${stats.failed} failed: ${(stats.pages / seconds).toFixed(0)} pages/s, ${((cpu.user + cpu.system) / stats.pages).toFixed(0)} us CPU/page, at most ${mebibytes(most).trim()} resident`,
)
if (stats.pages !== pagesOfHost * hosts) process.exitCode = 1
