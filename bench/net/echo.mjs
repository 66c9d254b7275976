/**
 * The cost of an echo: `node bench/net/echo.mjs [CASE...] [--rounds N] [--messages N] [--node PATH]`. Servers run in fresh
 * processes, in alternating order, and are warmed up with half as many messages. The result is the CPU time of the server per
 * message, relative to that of the raw callback server in the same round; throughput depends on the client too.
 */
import { fork, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from '../lib/measure.mjs'
import { pythonWithGevent } from '../lib/python.mjs'
import { CONNECTIONS, echoCases } from './cases.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '200000' },
    node: { type: 'string', default: process.execPath },
  },
})
const path = (name) => fileURLToPath(new URL(name, import.meta.url))
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const python = await pythonWithGevent()

for (const name of positionals.length > 0 ? positionals : Object.keys(echoCases)) await runCase(name)

async function runCase(name) {
  const { title, most } = echoCases[name]
  const variants = ['raw', 'greenlit', 'for await', ...(python === undefined ? [] : ['gevent'])]
  const ratios = new Map(variants.map((variant) => [variant, []]))
  const micros = new Map(variants.map((variant) => [variant, []]))
  const rates = new Map(variants.map((variant) => [variant, []]))
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const found = new Map()
    for (const variant of round % 2 === 0 ? variants : [...variants].reverse())
      found.set(variant, await measure(variant, name))
    for (const [variant, { cpu, rate }] of found) {
      ratios.get(variant).push(cpu / found.get('raw').cpu)
      micros.get(variant).push(cpu)
      rates.get(variant).push(rate)
    }
  }
  process.stdout.write(`${title}, ${CONNECTIONS} connections\n`)
  for (const variant of variants) {
    const ratio = median(ratios.get(variant))
    const isAsked = variant === 'greenlit' && most !== undefined
    const verdict = isAsked ? `  at most ${most}: ${ratio <= most ? 'yes' : 'NO'}` : ''
    const cells = [
      variant.padEnd(10),
      `${median(micros.get(variant)).toFixed(2).padStart(8)} us CPU a message`,
      `${Math.round(median(rates.get(variant)) / 1000)}k messages/s`.padStart(18),
      `  CPU ratio ${ratio.toFixed(2)}`,
    ]
    process.stdout.write(`    ${cells.join('')}${verdict}\n`)
  }
}

/** The CPU time per message in microseconds and the messages per second of one server in one run. */
async function measure(variant, name) {
  const server = variant === 'gevent' ? await startGevent(name) : await startNode(variant, name)
  const client = fork(path('client.mjs'), [String(server.port), name])
  // A connection costs about as much as ten messages.
  const count = Number(values.messages) / (echoCases[name].brief ? 10 : 1)
  try {
    await next(client)
    const before = await reach(server, client, count / 2)
    const after = await reach(server, client, before.messages + count)
    const messages = after.messages - before.messages
    return { cpu: (after.cpu - before.cpu) / messages, rate: (messages * 1000) / (after.at - before.at) }
  } finally {
    client.kill('SIGKILL')
    server.stop()
  }
}

/** Waits until at least `least` messages have come back, then takes a reading of CPU time, messages and clock. */
async function reach(server, client, least) {
  for (;;) {
    await pause(20)
    const messages = await ask(client, 'messages')
    if (messages >= least) return { cpu: await server.cpu(), messages, at: performance.now() }
  }
}

async function startNode(variant, name) {
  const child = fork(path('server.mjs'), [variant, name], { execPath: values.node })
  const { port } = await next(child)
  return { port, cpu: () => ask(child, 'cpu'), stop: () => child.kill('SIGKILL') }
}

async function startGevent(name) {
  const { size, exact } = echoCases[name]
  const child = spawn(python.binary, [path('../python/gevent_echo.py'), String(size), exact ? 'exact' : 'stream'])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const number = async () => Number((await lines.next()).value)
  const cpu = () => {
    child.stdin.write('\n')
    return number()
  }
  return { port: await number(), cpu, stop: () => child.kill('SIGKILL') }
}

function next(child) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`A process ended early, with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}

async function ask(child, field) {
  const answer = next(child)
  child.send({})
  return (await answer)[field]
}
