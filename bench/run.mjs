/**
 * The benchmarks: `npm run bench -- [CASE...] [--rounds N] [--node MAJOR]... [--json FILE] [--base REVISION]`. Each number is
 * a median over rounds; a round runs every variant in a fresh process, in alternating order. Only the ratios within one run count. A
 * CASE may also be the name of a suite, a program of its own; without a CASE everything runs.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus, release, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { cases } from './cases/index.mjs'
import { checkOutBase } from './lib/base.mjs'
import { nodeBinary } from './lib/node-binary.mjs'
import { pythonWithGevent } from './lib/python.mjs'
import { runCase } from './lib/run-case.mjs'
import { linesOf } from './lib/table.mjs'
import { suites } from './suites.mjs'

const run = promisify(execFile)
const child = fileURLToPath(new URL('./lib/child.mjs', import.meta.url))
const USAGE = 'usage: npm run bench -- [CASE...] [--rounds N] [--node MAJOR]... [--json FILE] [--base REVISION]'

const { names, suiteNames, rounds, nodes, json, base } = readArguments()
const other = base === undefined ? undefined : { ...(await checkOutBase(base)), revision: base }
const runs = []
try {
  if (names.length > 0) for (const major of nodes) runs.push(await runOn(major))
} finally {
  await other?.dispose()
}
for (const name of suiteNames) await runSuite(name)
if (json !== undefined) writeFileSync(json, `${JSON.stringify(runs, undefined, 2)}\n`)

async function runOn(major) {
  const binary = await nodeBinary(major)
  const node = (await run(binary, ['--version'])).stdout.trim()
  const python = await pythonWithGevent()
  print(`Node ${node}, ${type()} ${release()}, ${cpus().length} x ${cpus()[0].model}`)
  print(`median of ${rounds} rounds; ratio: ours over the other's, below 1 is faster`)
  print(python === undefined ? 'skipped: gevent, which no Python here has (python3-gevent)\n' : `${python.versions}\n`)
  const results = []
  for (const name of names) {
    const { title, unit, most } = cases[name]
    const result = {
      name,
      title,
      unit,
      most,
      ...(await runCase(name, cases[name], { rounds, binary, child, base: other })),
    }
    results.push(result)
    print(linesOf(other === undefined ? result : { ...result, most: undefined }).join('\n'))
  }
  print('')
  return { node, python: python?.versions, rounds, results }
}

async function runSuite(name) {
  print(`${name}:`)
  const suite = spawn(process.execPath, [fileURLToPath(new URL(suites[name], import.meta.url))], { stdio: 'inherit' })
  const [status] = await once(suite, 'close')
  if (status !== 0) process.exitCode = 1
  print('')
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '7' },
        node: { type: 'string', multiple: true },
        json: { type: 'string' },
        base: { type: 'string' },
      },
    })
    const known = [...Object.keys(cases), ...Object.keys(suites)]
    const unknown = positionals.filter((name) => !known.includes(name))
    if (unknown.length > 0) throw new RangeError(`no case ${unknown.join(', ')}; there are ${known.join(', ')}`)
    const rounds = Number(values.rounds)
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new RangeError(`Expected --rounds to be a whole number from 1 up, got ${values.rounds}`)
    const chosen = positionals.length > 0 ? positionals : known
    const names = chosen.filter((name) => name in cases)
    const suiteNames = values.base === undefined ? chosen.filter((name) => name in suites) : []
    return {
      names,
      suiteNames,
      rounds,
      nodes: values.node ?? [undefined],
      json: values.json,
      base: values.base,
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`)
    process.exit(2)
  }
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
