import { checkOptions } from '@greenlit/core/engine'
import { checkMilliseconds } from '../check-milliseconds.ts'

/** How long a worker that was to end in time gets before it is killed, in milliseconds. */
export const GRACE = 1_000

/** How workers are to end. */
export interface StopOptions {
  /** How long they may go on with what they have begun, in milliseconds from 0 up: `Receiver.timeout` there. Default without end. */
  timeout?: number
  /** How long after that they are killed, in milliseconds from 0 up. Default 1000. */
  grace?: number
}

/** Checks how workers are to end. */
export function checkStop(options: StopOptions): { timeout: number | undefined; grace: number } {
  const { timeout, grace = GRACE } = checkOptions(options)
  if (timeout !== undefined) checkMilliseconds(timeout, 'timeout')
  checkMilliseconds(grace, 'grace')
  return { timeout, grace }
}
