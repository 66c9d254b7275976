import { loop } from './loop.ts'

/** Makes a function that tells whether it was called at most `limit` times in the current batch. */
export function atMostPerBatch(limit: number): () => boolean {
  let batch: number | undefined
  let left: number
  return () => {
    if (batch !== loop.batches) {
      batch = loop.batches
      left = limit
    }
    return --left >= 0
  }
}
