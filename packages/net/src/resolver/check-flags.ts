import { show } from '@greenlit/core/engine'

/** Checks a sum of AI_* or NI_*. Without the check, bitwise operators would turn anything that is not a number into 0. */
export function checkFlags(flags: unknown, call: string): void {
  if (!Number.isInteger(flags))
    throw new TypeError(`${call}(): expected \`flags\` to be a whole number, got ${show(flags)}`)
}
