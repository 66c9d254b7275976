import { show } from '@greenlit/core/engine'

/** Checks how many there may be of something, where none makes no sense. */
export function checkCount(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw new RangeError(`Expected \`${name}\` to be a whole number from 1 up, got ${show(value)}`)
}
