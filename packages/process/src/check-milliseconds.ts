import { checkDuration, wrongValue } from '@greenlit/core/engine'

/** Checks a time that must be given, from 0 up. */
export function checkMilliseconds(value: unknown, name: string): void {
  if (checkDuration(value, name) < 0) throw wrongValue(name, 'a number of milliseconds from 0 up', value)
}
