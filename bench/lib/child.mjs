/** Runs one variant of one case and prints its result: `node lib/child.mjs CASE VARIANT`. */
import { cases } from '../cases/index.mjs'

const [, , name, variant] = process.argv
const result = await cases[name].variants[variant]()
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
