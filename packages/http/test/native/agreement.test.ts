import { attempt } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { NodeEngine } from '../../src/engine/node-engine.ts'
import { NativeEngine } from '../../src/native/native-engine.ts'
import type { Response } from '../../src/response/response.ts'
import { Session } from '../../src/session/session.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'

guardLeaks()

const OK = 'HTTP/1.1 200 OK\r\n'
const TWO = 'Content-Length: 2\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`

/** Valid and invalid responses, by the subject they test. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'the status line': [
    `HTTP/1.1 200\r\n${TWO}\r\nok`,
    `HTTP/1.1 200  O\x01K \r\n${TWO}\r\nok`,
    `HTTP/1.1  200 OK\r\n${TWO}\r\nok`,
    `HTTP/1.1 2000 OK\r\n${TWO}\r\nok`,
    `HTTP/1.1 999 OK\r\n${TWO}\r\nok`,
    `HTTP/1.0 200 OK\r\n${TWO}\r\nok`,
    `HTTP/1.2 200 OK\r\n${TWO}\r\nok`,
    `HTTP/2.0 200 OK\r\n${TWO}\r\nok`,
    `HTTP/0.9 200 OK\r\n${TWO}\r\nok`,
    `\r\n\r\n${OK}${TWO}\r\nok`,
    `ICY 200 OK\r\n${TWO}\r\nok`,
    'SSH-2.0\r\n',
    'garbage',
    '',
    OK,
    'HTTP/1.1 2',
  ],
  headers: [
    `${OK}Foo: a\r\n b\r\n${TWO}\r\nok`,
    `${OK}Foo:\r\n b\r\n${TWO}\r\nok`,
    `${OK}Foo: a\n${TWO}\r\nok`,
    `${OK}Foo: a\rb\r\n${TWO}\r\nok`,
    `${OK}Foo : a\r\n${TWO}\r\nok`,
    `${OK}: a\r\n${TWO}\r\nok`,
    `${OK}Foo\r\n${TWO}\r\nok`,
    `${OK}Foo: \x00\r\n${TWO}\r\nok`,
    `${OK}Foo: \xe9\x80\r\nFOO: \t b \r\nfoo:\r\n${TWO}\r\nok`,
    `${OK}${TWO}\n\nok`,
    `HTTP/1.1 200 OK\nContent-Length: 2\n\nok`,
    `${OK}A: ${'x'.repeat(65_400)}\r\n${TWO}\r\nok`,
    `${OK}A: ${'x'.repeat(65_600)}\r\n${TWO}\r\nok`,
  ],
  'the length': [
    `${OK}Content-Length: 00002\r\n\r\nok`,
    `${OK}Content-Length: +2\r\n\r\nok`,
    `${OK}Content-Length: 2, 2\r\n\r\nok`,
    `${OK}Content-Length: \r\n\r\nok`,
    `${OK}${TWO}${TWO}\r\nok`,
    `${OK}${TWO}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n${TWO}\r\n2\r\nok\r\n0\r\n\r\n`,
    `${OK}Content-Length: 5\r\n\r\nok`,
    `${OK}Content-Length: 1\r\n\r\nok`,
    `${OK}Content-Length: 18446744073709551616\r\n\r\nok`,
    `${OK}Content-Length: 9007199254740993\r\n\r\nok`,
    `${OK}\r\nok`,
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nok',
    `${OK}${TWO}\r\nok\r\n`,
  ],
  'the transfer coding': [
    `${OK}Transfer-Encoding: gzip\r\n\r\nok`,
    `${OK}Transfer-Encoding: chunked, x\r\n\r\nok`,
    `${OK}Transfer-Encoding: x, CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ],
  chunks: [
    '2;a=b;c="d";e\r\nok\r\n0\r\nT: v\r\n\r\n',
    '2 ;a\r\nok\r\n0\r\n\r\n',
    '2;a="b\r\nok\r\n0\r\n\r\n',
    '02\r\nok\r\n00;x\r\n\r\n\r\n',
    '2\nok\r\n0\r\n\r\n',
    '2\r\nok0\r\n\r\n',
    '2\r\nok\r\n0\r\nT v\r\n\r\n',
    '2\r\nok\r\n0\r\n',
    '2\r\nok\r\n0\r\n\r\nxx',
    '0x2\r\nok\r\n0\r\n\r\n',
    'fffffffffffffffff\r\nok',
    'g\r\n',
    '',
  ].map((body) => CHUNKED + body),
  'bodies that are none': [
    `HTTP/1.1 204 No\r\n${TWO}\r\n`,
    `HTTP/1.1 304 No\r\n${TWO}\r\n`,
    'HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 205 No\r\nContent-Length: 0\r\n\r\n',
    `HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n${OK}${TWO}\r\nok`,
    'HTTP/1.1 100 Continue\r\n\r\n',
  ],
  'the connection': [
    `${OK}Connection: close\r\n${TWO}\r\nok`,
    `${OK}Connection: x, close\r\n${TWO}\r\nok`,
    `${OK}Connection: closed\r\n${TWO}\r\nok`,
    `${OK}Proxy-Connection: close\r\n${TWO}\r\nok`,
    `HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${TWO}\r\nok`,
    `${OK}Connection: upgrade\r\nUpgrade: x\r\n${TWO}\r\nok`,
    'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  ],
}

/** Makes two requests; returns the outcomes and the number of connections. */
async function ask(engine: NodeEngine | NativeEngine, method: string, answer: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const server = await startRawServer(async (connection) => {
    for (;;) {
      await connection.request()
      clearTimeout(timer)
      connection.write(answer)
      // A client that waits for more sees the end of the connection.
      timer = setTimeout(() => connection.socket.end(), 150).unref()
    }
  })
  const session = new Session({ engine, trustEnv: false, timeout: 5000 })
  const outcomes: unknown[] = []
  for (let times = 0; times < 2; times += 1) {
    const result = await attempt(session.request(method, server.url))
    // The connection stays, however long the next request takes to come on a busy machine.
    clearTimeout(timer)
    outcomes.push(result.ok ? told(result.value) : nameOf(result.error))
  }
  outcomes.push(server.connections())
  session.close()
  await server.close()
  return outcomes
}

function told({ statusCode, reason, headers, text }: Response): unknown {
  return { statusCode, reason, headers: [...headers], text }
}

function nameOf(error: unknown): string {
  return (error as Error).name
}

describe.each(['GET', 'HEAD'])('the native and the default engine agree, for %s, on', (method) => {
  test.each(Object.entries(ANSWERS))('%s', async (_subject, answers) => {
    const agree = async (answer: string) => {
      const [own, usual] = await Promise.all([
        ask(new NativeEngine(), method, answer),
        ask(new NodeEngine(), method, answer),
      ])
      expect({ answer: answer.slice(0, 200), outcomes: own }).toEqual({ answer: answer.slice(0, 200), outcomes: usual })
    }
    await Promise.all(answers.map(agree))
  })
})
