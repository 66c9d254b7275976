import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, describe, expect, test } from 'vitest'
import { Authority } from '../../../net/test/certificates.ts'
import { NativeEngine } from '../../src/native/native-engine.ts'
import { guardLeaks } from '../support/guard.ts'
import { useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const authority = new Authority()
const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
const verify = join(folder, 'authority.pem')
writeFileSync(verify, authority.cert)
afterAll(() => rmSync(folder, { recursive: true }))

describe('a secure connection', () => {
  const session = useSession(() => new NativeEngine(), { verify })

  test('takes up the session of the one before, and speaks HTTP/1.1', async () => {
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
})
