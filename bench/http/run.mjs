/**
 * Compares HTTP clients: `node bench/http/run.mjs [VARIANT...] [--rounds N] [--size BYTES] [--requests N] [--concurrency N]`. Each round
 * runs every client in a fresh process against one server, in alternating order. Prints medians; what counts is their ratio to `node`.
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
    requests: { type: 'string', default: '40000' },
    concurrency: { type: 'string', default: '50' },
  },
})
/** gevent + requests, if a Python has both. They are slow, so they make a tenth of the requests. */
const PYTHON = { 'gevent Session': 'session', 'gevent get': 'get' }
const python = await pythonWithRequests()
const everything = [...Object.keys(variants), ...(python === undefined ? [] : Object.keys(PYTHON))]
if (python === undefined)
  console.log('skipped: gevent + requests, which no Python here has (python3-gevent, python3-requests)')
const names = positionals.length > 0 ? positionals : everything
const server = spawn(process.execPath, [file('./server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
const [port] = await once(server.stdout, 'data')
const url = `http://127.0.0.1:${String(port).trim()}/${values.size}`
const results = new Map(names.map((name) => [name, []]))
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const name of round % 2 === 0 ? names : [...names].reverse()) {
    results.get(name).push(await measure(name))
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
    `${name.padEnd(22)} ${rate.toFixed(0).padStart(7)} requests/s (${(rate / base.rate).toFixed(2)})  ${cpu.toFixed(1).padStart(6)} us CPU (${(base.cpu / cpu).toFixed(2)})`,
  )
}

async function measure(name) {
  const mode = PYTHON[name]
  const count = mode === undefined ? values.requests : String(Math.ceil(Number(values.requests) / 10))
  const args =
    mode === undefined
      ? [process.execPath, file('./child.mjs'), name]
      : [python, file('../python/gevent_requests.py'), mode]
  const { stdout } = await run(args[0], [...args.slice(1), url, count, values.concurrency])
  return JSON.parse(stdout)
}

async function pythonWithRequests() {
  for (const binary of ['python3', '/usr/bin/python3']) {
    try {
      await run(binary, ['-c', 'import gevent, requests'])
      return binary
    } catch {
      // Not installed, or without both: try the next one.
    }
  }
  return undefined
}

function medians(rounds) {
  return {
    rate: median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
    cpu: median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  }
}
