import { Barrier } from '@greenlit/core'

const barrier = new Barrier(2)
export const counts: [number, boolean] = [barrier.nWaiting, barrier.broken]
// @ts-expect-error only the barrier changes its count
barrier.nWaiting = 1
// @ts-expect-error only `abort` breaks it
barrier.broken = true
