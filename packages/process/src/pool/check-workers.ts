import { checkWhole, wrongValue } from '@greenlit/core/engine'

/** The maximum number of workers of a pool: the default limit of process ids on Linux. */
const MAX_WORKERS = 32_768

/**
 * Checks the number of workers of a pool: more than the limit could never be started, and trying would block this process forever.
 */
export function checkWorkers(value: unknown, name: string, min: number): number {
  if (checkWhole(value, name, min) <= MAX_WORKERS) return value as number
  throw wrongValue(name, `a whole number from ${min} to ${MAX_WORKERS}`, value)
}
