import { checkWhole, wrongType, wrongValue } from '@greenlit/core/engine'

/** Checks a whole number from `least` up, or `Infinity`; `fallback` stands for what is absent. */
export function wholeNumber(value: unknown, name: string, fallback: number, least = 0): number {
  if (value === undefined || value === null) return fallback
  return value === Infinity ? value : checkWhole(value, name, least)
}

/** Checks a number from 0 up; `fallback` stands for what is absent. */
export function numberFromZero(value: unknown, name: string, fallback: number): number {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'number' && value >= 0) return value
  throw (typeof value === 'number' ? wrongValue : wrongType)(name, 'a number from 0 up', value)
}
