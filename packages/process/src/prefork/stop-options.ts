import { checkOptions } from '@greenlit/core/engine'
import { checkMilliseconds } from '../check-milliseconds.ts'

/** The default of `StopOptions.grace`. */
export const GRACE = 1_000

/** How workers are stopped. */
export interface StopOptions {
  /** How long they may continue with what they have begun, in milliseconds >= 0: their `Receiver.timeout`. Default: no limit. */
  timeout?: number | undefined
  /** How long after the timeout they are killed, in milliseconds >= 0. Default 1000. */
  grace?: number | undefined
}

/** Checks `StopOptions` and fills in the defaults. */
export function checkStop(options: StopOptions): { timeout: number | undefined; grace: number } {
  const { timeout, grace = GRACE } = checkOptions(options)
  if (timeout !== undefined) checkMilliseconds(timeout, 'timeout')
  checkMilliseconds(grace, 'grace')
  return { timeout, grace }
}
