import { show } from '@greenlit/core/engine'

/** Checks a whole number from `least` up, or `Infinity`; `fallback` stands for what is absent. */
export function wholeNumber(value: unknown, name: string, fallback: number, least = 0): number {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'number' && (Number.isInteger(value) || value === Infinity) && value >= least) return value
  throw new RangeError(`Expected \`${name}\` to be a whole number from ${least} up, got ${show(value)}`)
}

/** Checks a number from 0 up; `fallback` stands for what is absent. */
export function numberFromZero(value: unknown, name: string, fallback: number): number {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'number' && value >= 0) return value
  throw new RangeError(`Expected \`${name}\` to be a number from 0 up, got ${show(value)}`)
}
