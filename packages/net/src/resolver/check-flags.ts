import { show } from '@greenlit/core/engine'

/** Checks a sum of AI_* or NI_*. Without the check, bitwise operators would turn anything that is not a number into 0. */
export function checkFlags(flags: unknown, call: string): void {
  checkConstant(flags, 'flags', call)
}

/** Checks a number that stands for something, such as one of AF_*. */
export function checkConstant(value: unknown, name: string, call: string): void {
  if (!Number.isInteger(value))
    throw new TypeError(`${call}(): expected \`${name}\` to be a whole number, got ${show(value)}`)
}
