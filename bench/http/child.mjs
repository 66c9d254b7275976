/** Runs one client in this process and prints its request rate and CPU time: `node child.mjs VARIANT URL REQUESTS CONCURRENCY`. */
import { variants } from './variants.mjs'

const [, , name, url, requests, concurrency] = process.argv
const run = await variants[name](url, Number(requests), Number(concurrency))
await run()
const cpuBefore = process.cpuUsage()
const started = process.hrtime.bigint()
await run()
const seconds = Number(process.hrtime.bigint() - started) / 1e9
const cpu = process.cpuUsage(cpuBefore)
const result = {
  requestsPerSecond: Number(requests) / seconds,
  cpuMicroseconds: (cpu.user + cpu.system) / Number(requests),
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
