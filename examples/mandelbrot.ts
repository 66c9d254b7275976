/** The Mandelbrot set on a thread pool: rows are computed in parallel and drawn in order, while other greenlets keep running. */
import { each, run, sleep, spawn } from '@greenlit/core'
import { parentProcess, ThreadPool } from '@greenlit/process'

const WIDTH = 64
const HEIGHT = 24

export function drawRow(row: number): string {
  let line = ''
  for (let column = 0; column < WIDTH; column += 1) {
    const real = (column / WIDTH) * 3 - 2.1
    const imaginary = (row / (HEIGHT - 1)) * 2.4 - 1.2
    let [x, y, steps] = [0, 0, 0]
    while (x * x + y * y < 4 && steps < 1000) {
      ;[x, y] = [x * x - y * y + real, 2 * x * y + imaginary]
      steps += 1
    }
    line += steps === 1000 ? '#' : steps > 10 ? '+' : steps > 4 ? '.' : ' '
  }
  return line.trimEnd()
}

function* main() {
  let ticks = 0
  const clock = spawn(function* () {
    for (;;) {
      yield* sleep(1)
      ticks += 1
    }
  })
  const pool = new ThreadPool(4)
  const rows = Array.from({ length: HEIGHT }, (_, row) => row)
  yield* each(pool.imap<string>({ module: import.meta.url, export: 'drawRow' }, rows), (line) => console.log(line))
  yield* pool.kill()
  yield* clock.kill()
  console.log(`the clock went on: ${ticks > 0}`)
}

if (parentProcess() === undefined) await run(main)
