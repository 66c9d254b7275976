import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { median } from './measure.mjs'
import { pythonWithGevent, runPython } from './python.mjs'

const run = promisify(execFile)

/**
 * Runs a case: each round runs every variant in a fresh process, in alternating order. Returns the medians of the variants, and the
 * reasons why others could not run.
 *
 * @param {string} name
 * @param {{ node?: string[], python?: string, variants: object }} benchmark
 * @param {{ rounds: number, binary: string, child: string, base?: { child: string, revision: string } }} setup
 */
export async function runCase(name, { node = [], python, variants }, { rounds, binary, child, base }) {
  const inNode = (file, variant) => async () => {
    const { stdout } = await run(binary, [...node, file, name, variant], { maxBuffer: 2 ** 24 })
    return JSON.parse(stdout.trim().split('\n').at(-1))
  }
  const contestants = new Map()
  if (base !== undefined) {
    contestants.set('greenlit', inNode(child, 'greenlit'))
    contestants.set(base.revision, inNode(base.child, 'greenlit'))
  } else {
    for (const variant of Object.keys(variants)) contestants.set(variant, inNode(child, variant))
    const interpreter = python === undefined ? undefined : await pythonWithGevent()
    if (interpreter !== undefined) contestants.set('gevent', () => runPython(interpreter.binary, python))
  }
  const numbers = new Map([...contestants.keys()].map((variant) => [variant, []]))
  const failures = new Map()
  for (let round = 0; round < rounds; round += 1) {
    const order = [...contestants.keys()]
    if (round % 2 === 1) order.reverse()
    for (const variant of order) {
      if (failures.has(variant)) continue
      try {
        numbers.get(variant).push(await contestants.get(variant)())
      } catch (error) {
        failures.set(
          variant,
          String(error.stderr || error.message)
            .trim()
            .split('\n')
            .at(-1),
        )
      }
    }
  }
  const medians = {}
  for (const [variant, all] of numbers) if (!failures.has(variant)) medians[variant] = median(all)
  return { medians, failures: Object.fromEntries(failures) }
}
