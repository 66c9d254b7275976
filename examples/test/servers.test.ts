import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { get, post } from '@greenlit/http'
import { expect, test } from 'vitest'
import { Authority } from '../../packages/net/test/certificates.ts'
import { runExample } from './support/run-example.ts'
import { LineClient, withClients, withServer } from './support/server-example.ts'

test('the upper-case server and its client understand each other', async () => {
  const server = await withServer('upper-case-server', async (port) => {
    const client = await runExample('upper-case-client', [String(port), 'hello', 'world'])
    expect(client.errors).toBe('')
    expect(client.lines).toEqual(['hello -> HELLO', 'world -> WORLD'])
  })
  expect(server.errors).toBe('')
  expect(server.status).toBe(143)
  expect(server.lines.slice(1)).toEqual(['127.0.0.1 wrote: hello', '127.0.0.1 wrote: world'])
})

test.each(['gevent-echo-server', 'select-echo-server', 'selectors-echo-server'])(
  'the %s serves several clients side by side',
  async (name) => {
    const server = await withServer(name, (port) =>
      withClients(port, 3, async (first, second, third) => {
        for (const [index, client] of [third!, first!, second!, first!].entries()) {
          client.send(`message ${index}\n`)
          expect(await client.line()).toBe(`message ${index}`)
        }
        await first!.close()
        second!.send('still there?\n')
        expect(await second!.line()).toBe('still there?')
      }),
    )
    expect(server.errors).toBe('')
    expect(server.status).toBe(143)
  },
)

test.each(['gevent-echo-server', 'select-echo-server', 'selectors-echo-server', 'upper-case-server'])(
  'the %s ends on SIGTERM though clients are connected',
  async (name) => {
    const clients: LineClient[] = []
    const server = await withServer(name, async (port) => {
      clients.push(new LineClient(port))
      clients[0]!.send('one\n')
      await clients[0]!.line()
    })
    expect(server.errors).toBe('')
    expect(server.status).toBe(143)
    expect(await clients[0]!.line()).toBe(undefined)
    await clients[0]!.close()
  },
)

test.each(['select-echo-server', 'selectors-echo-server'])(
  'the %s survives clients that reset their connections, or never read',
  async (name) => {
    const server = await withServer(name, (port) =>
      withClients(port, 3, async (good, rude, deaf) => {
        rude!.send('one\n')
        expect(await rude!.line()).toBe('one')
        rude!.socket.resetAndDestroy()
        deaf!.socket.pause().write(Buffer.alloc(8_000_000, 'x'), () => {})
        good!.send('still there?\n')
        expect(await good!.line()).toBe('still there?')
        deaf!.socket.resetAndDestroy()
        good!.send('and now?\n')
        expect(await good!.line()).toBe('and now?')
      }),
    )
    expect(server.errors).toBe('')
    expect(server.status).toBe(143)
  },
)

test('the stream server greets, echoes lines and lets clients quit', async () => {
  const server = await withServer('stream-server', (port) =>
    withClients(port, 2, async (first, second) => {
      expect(await first!.line()).toBe('Welcome to the echo server! Type quit to exit.')
      await second!.line()
      first!.send('one\n')
      expect(await first!.line()).toBe('one')
      second!.send('two\nQUIT\n')
      expect(await second!.line()).toBe('two')
      expect(await second!.line()).toBe(undefined)
      first!.send('three\n')
      expect(await first!.line()).toBe('three')
    }),
  )
  expect(server.lines).toContain('client quit')
  expect(server.errors).toBe('')
})

test('the threading server answers each client from a thread of its own', async () => {
  const { lines, errors } = await runExample('threading-server')
  expect(errors).toBe('')
  expect(lines[0]).toBe('server loop runs in the server thread')
  expect(lines.slice(1).map((line) => line.replace(/Greenlet-\d+/, 'Greenlet'))).toEqual([
    'received: Greenlet answers: hello 1',
    'received: Greenlet answers: hello 2',
    'received: Greenlet answers: hello 3',
  ])
})

test('the forking server answers from processes of its own, and leaves none', async () => {
  const { lines, errors } = await runExample('forking-server')
  expect(errors).toBe('')
  const own = /^the server is process (\d+)$/.exec(lines[0]!)![1]
  const answers = lines.slice(1, -1).map((line) => /^process (\d+) answers: (\w+)$/.exec(line)!)
  expect(answers.map(([, , word]) => word).sort()).toEqual(['ONE', 'THREE', 'TWO'])
  expect(answers.some(([, pid]) => pid === own)).toBe(false)
  expect(lines.at(-1)).toBe('0 children are left')
})

test('the UDP server answers datagrams in capitals', async () => {
  const server = await withServer('udp-server', async (port) => {
    const client = await runExample('udp-server', [String(port), 'client', 'hello', 'again'])
    expect(client.errors).toBe('')
    expect(client.lines).toEqual(['hello -> HELLO', 'again -> AGAIN'])
  })
  expect(server.lines.slice(1)).toEqual(['127.0.0.1 wrote: hello', '127.0.0.1 wrote: again'])
})

test('the unix server serves its three clients', async () => {
  const { lines, errors } = await runExample('unix-server')
  expect(errors).toBe('')
  expect([...lines].sort()).toEqual(['greenlet -> telneerg', 'hub -> buh', 'switch -> hctiws'])
})

test('the chat tells everybody else what one says, who comes and who goes', async () => {
  const server = await withServer('chat-server', (port) =>
    withClients(port, 4, async (anna, ben, cleo, dora) => {
      for (const [client, name] of [
        [anna!, 'anna'],
        [ben!, 'ben'],
      ] as const) {
        expect(await client.line()).toBe('Your name?')
        client.send(`${name}\n`)
      }
      expect(await anna!.line()).toBe('* ben has joined')
      ben!.send('hello\n')
      expect(await anna!.line()).toBe('ben: hello')
      anna!.send('hi\n')
      expect(await ben!.line()).toBe('anna: hi')
      await cleo!.line()
      cleo!.send('ben\n')
      expect(await cleo!.line()).toBe('That name is taken.')
      expect(await cleo!.line()).toBe(undefined)
      await dora!.line()
      dora!.send('\n')
      expect(await dora!.line()).toBe('A name is needed.')
      ben!.send('unfinished')
      await ben!.close()
      expect(await anna!.line()).toBe('ben: unfinished')
      expect(await anna!.line()).toBe('* ben has left')
    }),
  )
  expect(server.errors).toBe('')
})

async function talkInLines(quick: LineClient, slow: LineClient): Promise<void> {
  for (const [command, answer] of [
    ['SET name greenlit', 'OK'],
    ['GET name', 'VALUE greenlit'],
    ['GET other', 'NONE'],
    ['JUMP', 'ERROR unknown command JUMP'],
    ['QUIT', 'BYE'],
  ]) {
    quick.send(`${command}\r\n`)
    expect(await quick.line()).toBe(answer)
  }
  expect(await quick.line()).toBe(undefined)
  slow.send('GET na')
  expect(await slow.line()).toBe('ERROR too slow')
  expect(await slow.line()).toBe(undefined)
}

test('the line protocol answers commands and does not wait for slow clients', async () => {
  const server = await withServer('line-protocol', (port) =>
    withClients(port, 2, (quick, slow) => talkInLines(quick!, slow!)),
  )
  expect(server.errors).toBe('')
})

test('the line protocol does the same over TLS', async () => {
  const authority = new Authority()
  const { cert, key } = authority.issue({ name: 'localhost', hosts: ['localhost'] })
  const server = await withServer(
    'line-protocol',
    (port) => withClients(port, 2, (quick, slow) => talkInLines(quick!, slow!), authority.cert),
    ['0', cert, key],
  )
  expect(server.errors).toBe('')
})

test('the port forwarder passes everything on, both ways', async () => {
  const upper = await withServer('gevent-echo-server', async (target) => {
    const forwarder = await withServer(
      'port-forwarder',
      (port) =>
        withClients(port, 2, async (first, second) => {
          second!.send('two\n')
          first!.send('one\n')
          expect([await first!.line(), await second!.line()]).toEqual(['one', 'two'])
        }),
      ['0', String(target)],
    )
    expect(forwarder.errors).toBe('')
  })
  expect(upper.errors).toBe('')
})

test('the web proxy passes requests on, and makes tunnels', async () => {
  const origin = createServer((request, response) => {
    response.end(
      JSON.stringify([request.method, request.url, request.headers.host, request.headers['proxy-connection']]),
    )
  })
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(origin.address() as AddressInfo).port}`
  const proxy = await withServer('web-proxy', async (port) => {
    const proxies = { http: `http://127.0.0.1:${port}` }
    for (const path of ['/', '/a?b=c']) {
      expect(await (await post(`http://${host}${path}`, { data: 'x', proxies })).json()).toEqual([
        'POST',
        path,
        host,
        null,
      ])
    }
    const refused = await get('http://127.0.0.1:1/', { proxies })
    expect([refused.statusCode, refused.reason]).toEqual([502, 'Bad Gateway'])
    await withClients(port, 3, async (tunnel, broken, silent) => {
      tunnel!.send(`CONNECT ${host} HTTP/1.1\r\n\r\nGET /deep HTTP/1.1\r\nHost: me\r\nConnection: close\r\n\r\n`)
      expect(await tunnel!.line()).toBe('HTTP/1.1 200 Connection established')
      let last: string | undefined
      for (let line = await tunnel!.line(); line !== undefined; line = await tunnel!.line()) last = line
      expect(last).toBe('["GET","/deep","me",null]')
      broken!.send('GET /relative HTTP/1.1\r\n\r\n')
      expect(await broken!.line()).toBe('HTTP/1.1 400 Bad Request')
      silent!.socket.resetAndDestroy()
    })
  })
  origin.close()
  expect(proxy.errors).toBe('')
  expect(proxy.status).toBe(143)
  expect(proxy.lines).toContain(`CONNECT ${host}`)
})

test('many names are resolved at the same time', async () => {
  const unresolvable = 'x'.repeat(64) // labels have at most 63 characters: no server is asked
  const { lines, errors } = await runExample('dns-mass-resolve', ['localhost', '192.0.2.1', unresolvable])
  expect(errors).toBe('')
  expect(lines).toContain('192.0.2.1 = 192.0.2.1')
  expect(lines).toContain('localhost = 127.0.0.1')
  expect(lines).toContainEqual(expect.stringContaining(`${unresolvable} failed: `))
  expect(lines.at(-1)).toBe('resolved within two seconds: 3 of 3')
})

test('greenlets share the connections of a pool', async () => {
  const { lines, errors } = await runExample('connection-pool')
  expect(errors).toBe('')
  expect(lines).toEqual(['OK Grace', '50 visits over 3 connections', "ERR unknown command 'DANCE'"])
})

test('the web chat answers those who wait as soon as somebody has said something', async () => {
  const server = await withServer('web-chat', async (port) => {
    const url = `http://127.0.0.1:${port}/`
    const waiting = [fetch(url), fetch(`${url}?after=0`)]
    const gone = new AbortController()
    const left = fetch(url, { signal: gone.signal })
    gone.abort()
    await expect(left).rejects.toThrow('aborted')
    expect((await fetch(url, { method: 'POST', body: 'hello' })).status).toBe(204)
    for (const answer of waiting) expect(await (await answer).json()).toEqual(['hello'])
    const later = fetch(`${url}?after=1`)
    await fetch(url, { method: 'POST', body: 'good bye ☺' })
    expect(await (await later).json()).toEqual(['good bye ☺'])
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(413)
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405)
    expect(await (await fetch(`${url}?after=nonsense`)).json()).toHaveLength(2)
    const half = new LineClient(port)
    half.socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    while ((await half.line()) !== undefined);
    await half.close()
    expect(await (await fetch(url)).json()).toHaveLength(2)
  })
  expect(server.errors).toBe('')
  expect(server.status).toBe(143)
})
