/** The functions that the benchmarks run in processes and threads. */

export function* echo(connection) {
  for (;;) {
    const message = yield* connection.recv()
    if (message === null) return
    yield* connection.send(message)
  }
}

export const same = (value) => value

/** Computes for about `rounds` milliseconds on an idle core. */
export function compute(rounds) {
  let sum = 0
  for (let round = 0; round < rounds * 100_000; round += 1) sum += Math.sqrt(round)
  return sum
}
