import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { spawn } from '@greenlit/core'
import { afterAll, describe, expect, test } from 'vitest'
import { Authority } from '../../../net/test/certificates.ts'
import { ENGINES, onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'
import { useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const authority = new Authority()
const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
const verify = join(folder, 'authority.pem')
writeFileSync(verify, authority.cert)
afterAll(() => rmSync(folder, { recursive: true }))

describe.each(ENGINES.filter(([name]) => !name.startsWith('undici')))(
  'a secure connection, on %s',
  (_name, makeEngine) => {
    const session = useSession(makeEngine, { verify })

    test('resumes the TLS session of the previous one, and uses HTTP/1.1', async () => {
      const seen: unknown[] = []
      const site = await startSite(
        {
          '/tls': (request, response) => {
            const socket = request.socket as TLSSocket
            seen.push([socket.isSessionReused(), socket.alpnProtocol, socket.servername])
            response.setHeader('Connection', 'close')
            response.end('ok')
          },
        },
        { ...authority.issue({ name: 'localhost', hosts: ['localhost'] }), ALPNProtocols: ['h2', 'http/1.1'] },
      )
      const url = `https://localhost:${site.port}/tls`
      for (let times = 0; times < 2; times += 1) expect((await session.current.get(url)).text).toBe('ok')
      expect(seen).toEqual([
        [false, 'http/1.1', 'localhost'],
        [true, 'http/1.1', 'localhost'],
      ])
      session.current.close()
      await site.close()
    })
  },
)

onEachEngine('a kept-alive secure connection', (makeEngine) => {
  const session = useSession(makeEngine, { verify })

  test('is replaced if the server closes it before a response', async () => {
    let asked = 0
    const site = await startSite(
      {
        '/': (request, response) => {
          asked += 1
          if (asked === 2) request.socket.end()
          else response.end('ok')
        },
      },
      authority.issue({ name: 'localhost', hosts: ['localhost'] }),
    )
    for (let times = 0; times < 2; times += 1) expect((await session.current.get(site.url)).text).toBe('ok')
    expect(asked).toBe(3)
    expect(site.connections()).toBe(2)
    session.current.close()
    await site.close()
  })
})

onEachEngine('a secure connection to a server without TLS', (makeEngine) => {
  const session = useSession(makeEngine, { verify })

  test('fails with an SSLError whose message is one line', async () => {
    const site = await startSite({})
    const message = expect.stringMatching(/^No trusted connection to 127\.0\.0\.1:\d+: .*wrong version number.*\S$/)
    const url = `https://127.0.0.1:${site.port}/`
    await expect(session.current.get(url)).rejects.toMatchObject({ name: 'SSLError', message })
    session.current.close()
    await site.close()
  })
})

onEachEngine('a secure connection whose handshake does not complete', (makeEngine) => {
  const session = useSession(makeEngine, { verify })

  test('is closed at the timeout, and with a killed request', async () => {
    const server = await startRawServer(({ closed }) => closed)
    const url = server.url.replace('http:', 'https:')
    await expect(session.current.get(url, { timeout: [50, 1000] })).rejects.toMatchObject({ name: 'ConnectTimeout' })
    await expect.poll(() => server.open()).toBe(0)
    const greenlet = spawn(() => session.current.get(url))
    await expect.poll(() => server.open()).toBe(1)
    await greenlet.kill()
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })
})
