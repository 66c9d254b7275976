/** Measurements of one variant of one case, in this process. */

/**
 * Runs a workload `warmUp` times, then `runs` times more, and returns the median time of one operation in nanoseconds.
 *
 * @param {(operations: number) => unknown} workload performs that many operations, or returns a promise of it
 * @param {number} operations the number of operations per run
 */
export async function nanosecondsPerOperation(workload, operations, { warmUp = 3, runs = 5 } = {}) {
  for (let run = 0; run < warmUp; run += 1) await workload(operations)
  const times = []
  for (let run = 0; run < runs; run += 1) {
    const started = process.hrtime.bigint()
    await workload(operations)
    times.push(Number(process.hrtime.bigint() - started) / operations)
  }
  return median(times)
}

/** The CPU time of one operation of a workload in nanoseconds, over all threads. */
export async function cpuNanosecondsPerOperation(workload, operations) {
  const before = process.cpuUsage()
  await workload(operations)
  const used = process.cpuUsage(before)
  return ((used.user + used.system) * 1000) / operations
}

/** The bytes of heap that each of `count` objects retains. The process must run with `--expose-gc`. */
export async function bytesPerObject(create, count) {
  const settle = async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      globalThis.gc()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await create(1000)
  await settle()
  const before = process.memoryUsage().heapUsed
  const held = await create(count)
  await settle()
  const bytes = (process.memoryUsage().heapUsed - before) / count
  if (held === undefined) throw new Error('Expected the objects to be held')
  return bytes
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
