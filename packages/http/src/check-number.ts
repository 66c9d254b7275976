import { checkWhole, wrongType, wrongValue } from '@greenlit/core/engine'

/** Checks a whole number of at least `least`, or `Infinity`. An absent value becomes `fallback`. */
export function wholeNumber(value: unknown, name: string, fallback: number, least = 0): number {
  if (value === undefined || value === null) return fallback
  return value === Infinity ? value : checkWhole(value, name, least)
}

/** Checks a number of at least 0. An absent value becomes `fallback`. */
export function numberFromZero(value: unknown, name: string, fallback: number): number {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'number' && value >= 0) return value
  throw (typeof value === 'number' ? wrongValue : wrongType)(name, 'a number from 0 up', value)
}
