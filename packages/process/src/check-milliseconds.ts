import { checkDuration, wrongValue } from '@greenlit/core/engine'

/** Checks a required, non-negative number of milliseconds. */
export function checkMilliseconds(value: unknown, name: string): void {
  if (checkDuration(value, name) < 0) throw wrongValue(name, 'a number of milliseconds from 0 up', value)
}
