/** Benchmarks of the other packages. Each is a program of its own, whose options its first lines describe, and runs here without any. */
export const suites = {
  http: './http/run.mjs',
  crawl: './http/crawl.mjs',
  detection: './http/detection.mjs',
  socket: './net/echo.mjs',
  'idle-connections': './net/idle.mjs',
  select: './net/select.mjs',
  sendall: './net/slow-readers.mjs',
  'udp-loss': './net/udp-loss.mjs',
  threadpool: './process/run.mjs',
}
