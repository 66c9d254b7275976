/** Runs one variant of one case and prints its result: `node process/child.mjs CASE VARIANT`. */
import { processCases } from './cases.mjs'

const [, , name, variant] = process.argv
const result = await processCases[name].variants[variant]()
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
