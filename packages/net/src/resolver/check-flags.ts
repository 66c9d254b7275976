import { show } from '@greenlit/core/engine'

/** Checks a sum of AI_* or NI_*: of what is no number, arithmetic would make none of them. */
export function checkFlags(flags: unknown, call: string): void {
  if (!Number.isInteger(flags))
    throw new TypeError(`${call}(): expected \`flags\` to be a whole number, got ${show(flags)}`)
}
