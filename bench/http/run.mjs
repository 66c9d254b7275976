/**
 * Clients side by side: `node bench/http/run.mjs [VARIANT...] [--rounds N] [--size BYTES] [--requests N] [--concurrency N]`. Each round is
 * a fresh process a client against one server, in alternating order; the numbers are medians, what counts is their ratio to `node`.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { median } from '../lib/measure.mjs'
import { variants } from './variants.mjs'

const run = promisify(execFile)
const file = (name) => fileURLToPath(new URL(name, import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '1024' },
    requests: { type: 'string', default: '10000' },
    concurrency: { type: 'string', default: '50' },
  },
})
const names = positionals.length > 0 ? positionals : Object.keys(variants)
const server = spawn(process.execPath, [file('./server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
const [port] = await once(server.stdout, 'data')
const url = `http://127.0.0.1:${String(port).trim()}/${values.size}`
const results = new Map(names.map((name) => [name, []]))
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const name of round % 2 === 0 ? names : [...names].reverse()) {
    const args = [file('./child.mjs'), name, url, values.requests, values.concurrency]
    const { stdout } = await run(process.execPath, args)
    results.get(name).push(JSON.parse(stdout))
  }
}
server.stdin.end()
console.log(
  `Node ${process.version}, ${values.size} bytes, ${values.concurrency} at a time, median of ${values.rounds} rounds`,
)
const base = medians(results.get(names[0]))
for (const [name, rounds] of results) {
  const { rate, cpu } = medians(rounds)
  console.log(
    `${name.padEnd(20)} ${rate.toFixed(0).padStart(7)} requests/s (${(rate / base.rate).toFixed(2)})  ${cpu.toFixed(1).padStart(6)} us CPU (${(base.cpu / cpu).toFixed(2)})`,
  )
}

function medians(rounds) {
  return {
    rate: median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
    cpu: median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  }
}
