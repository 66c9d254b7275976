/**
 * The cost of processes and threads: `node bench/process/run.mjs [CASE...] [--rounds N]`. Each number is a median over rounds; a round
 * runs every variant in a fresh process, in alternating order. Only the ratios within one run count.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { median } from '../lib/measure.mjs'
import { processCases } from './cases.mjs'

const run = promisify(execFile)
const child = fileURLToPath(new URL('./child.mjs', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
})

for (const name of positionals.length > 0 ? positionals : Object.keys(processCases)) {
  const { title, unit, most, variants } = processCases[name]
  const names = Object.keys(variants)
  const numbers = Object.fromEntries(names.map((variant) => [variant, []]))
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const variant of round % 2 === 0 ? names : names.toReversed()) {
      const { stdout } = await run(process.execPath, [child, name, variant])
      numbers[variant].push(JSON.parse(stdout.trim().split('\n').at(-1)))
    }
  }
  const [ours, ...others] = names
  for (const other of others) {
    const ratio = median(numbers[ours]) / median(numbers[other])
    const verdict = most === undefined ? '' : `  at most ${most.toFixed(2)}: ${ratio <= most ? 'yes' : 'NO'}`
    const number = (variant) => `${variant} ${median(numbers[variant]).toFixed(1)} ${unit}`
    process.stdout.write(`${title}: ${number(ours)}, ${number(other)}, ratio ${ratio.toFixed(2)}${verdict}\n`)
  }
}
process.exit(0)
