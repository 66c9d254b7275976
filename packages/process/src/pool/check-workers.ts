import { checkWhole, wrongValue } from '@greenlit/core/engine'

/** The most workers of a pool: as many processes as Linux gives numbers to by default. */
const MOST_WORKERS = 32_768

/** Checks how many workers a pool may have: more could never be started, and trying would hold this process up for ever. */
export function checkWorkers(value: unknown, name: string, least: number): number {
  if (checkWhole(value, name, least) <= MOST_WORKERS) return value as number
  throw wrongValue(name, `a whole number from ${least} to ${MOST_WORKERS}`, value)
}
