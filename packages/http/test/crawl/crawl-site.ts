import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = string | ((request: IncomingMessage, response: ServerResponse, visits: number) => unknown)

/** A small site on loopback with the given pages by path. Any other path is a 404. */
export interface CrawlSite {
  readonly url: string
  readonly host: string
  /** The paths of all requests except those for robots.txt. */
  readonly asked: string[]
  /** The time of each of those requests, by `performance.now()`. */
  readonly times: number[]
  /** The number of requests for robots.txt. */
  robotsAsked(): number
  /** The highest number of concurrent requests so far. */
  mostAtOnce(): number
  /** The number of concurrent requests now. */
  atOnce(): number
  close(): Promise<void>
}

/** Starts a site. Pages that begin with `<` are served as HTML. */
export async function startCrawlSite(pages: Readonly<Record<string, Answer>>): Promise<CrawlSite> {
  const asked: string[] = []
  const times: number[] = []
  const visits = new Map<string, number>()
  let robots = 0
  let atOnce = 0
  let most = 0
  const server = createServer((request, response) => {
    const path = request.url!
    atOnce += 1
    most = Math.max(most, atOnce)
    response.once('close', () => (atOnce -= 1))
    if (path === '/robots.txt') {
      robots += 1
    } else {
      asked.push(path)
      times.push(performance.now())
    }
    visits.set(path, (visits.get(path) ?? 0) + 1)
    const answer = pages[path] ?? pages[new URL(path, 'http://site').pathname]
    if (answer === undefined) response.writeHead(404).end('Not found')
    else if (typeof answer === 'function') answer(request, response, visits.get(path)!)
    else response.writeHead(200, { 'content-type': answer.startsWith('<') ? 'text/html' : 'text/plain' }).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    asked,
    times,
    robotsAsked: () => robots,
    mostAtOnce: () => most,
    atOnce: () => atOnce,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A page with links. */
export const linksTo = (...paths: readonly string[]): string =>
  `<html><title>Links</title><body>${paths.map((path) => `<a href="${path}">x</a>`).join('')}</body></html>`
