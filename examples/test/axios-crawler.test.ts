import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { runExample } from './support/run-example.ts'

test('pages are fetched side by side, failures told apart, and a page that takes too long is cut off', async () => {
  let cutOff = 0
  let together = 0
  let most = 0
  const server = createServer((request, response) => {
    if (request.url === '/never') {
      response.on('close', () => {
        cutOff += 1
      })
      return
    }
    together += 1
    most = Math.max(most, together)
    setTimeout(() => {
      together -= 1
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end(`page ${request.url}`)
    }, 200)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const run = await runExample(
    'axios-crawler',
    ['/a', '/b', '/c', '/missing', '/never'].map((path) => base + path),
  )
  expect(run.errors).toBe('')
  expect(run.status).toBe(0)
  expect([...run.lines].sort()).toEqual([
    `${base}/a 200 page /a`,
    `${base}/b 200 page /b`,
    `${base}/c 200 page /c`,
    `${base}/missing failed: Request failed with status code 404`,
    `${base}/never failed: it took too long`,
  ])
  expect(most).toBeGreaterThan(1)
  expect(cutOff).toBe(1)
})
