/**
 * The benchmarks: `npm run bench -- [CASE...] [--rounds N] [--node VERSION] [--json FILE]`. Each number is the median of
 * rounds, each round a fresh process a variant, in alternating order: ratios within one run are what counts.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { cases } from './cases/index.mjs'
import { median } from './lib/measure.mjs'
import { nodeBinary } from './lib/node-binary.mjs'

const run = promisify(execFile)
const child = fileURLToPath(new URL('./lib/child.mjs', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '7' }, node: { type: 'string' }, json: { type: 'string' } },
})
const unknown = positionals.filter((name) => !(name in cases))
if (unknown.length > 0) {
  process.stderr.write(`no case ${unknown.join(', ')}; there are ${Object.keys(cases).join(', ')}\n`)
  process.exit(2)
}

const binary = await nodeBinary(values.node)
const version = (await run(binary, ['--version'])).stdout.trim()
const names = positionals.length > 0 ? positionals : Object.keys(cases)
process.stdout.write(`Node ${version}, ${cpus().length} cores, ${values.rounds} rounds, median; ratio: ours over the other's, lower is better\n\n`)

const results = []
for (const name of names) results.push(await runCase(name))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ version, results }, undefined, 2)}\n`)

async function runCase(name) {
  const { title, unit, most, node = [], variants } = cases[name]
  const [ours, ...others] = Object.keys(variants)
  const numbers = Object.fromEntries([ours, ...others].map((variant) => [variant, []]))
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const order = round % 2 === 0 ? [ours, ...others] : [...others, ours]
    for (const variant of order) {
      const { stdout } = await run(binary, [...node, child, name, variant], { maxBuffer: 2 ** 24 })
      numbers[variant].push(JSON.parse(stdout.trim().split('\n').at(-1)))
    }
  }
  const medians = Object.fromEntries(Object.entries(numbers).map(([variant, all]) => [variant, median(all)]))
  for (const other of others) {
    const ratio = medians[ours] / medians[other]
    const verdict = most === undefined ? '' : ratio <= most ? `  at most ${most}: yes` : `  at most ${most}: NO`
    process.stdout.write(
      `${title.padEnd(58)} ${format(medians[ours])} ${unit}  ${other} ${format(medians[other])}  ratio ${ratio.toFixed(2)}${verdict}\n`,
    )
  }
  return { name, unit, medians, most }
}

function format(number) {
  return number >= 100 ? number.toFixed(0).padStart(6) : number.toFixed(1).padStart(6)
}
