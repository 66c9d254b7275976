import { Readable } from 'node:stream'
import { attempt } from '@greenlit/core'
import { expect, test } from 'vitest'
import { PipeReader } from '../../src/subprocess/pipe-reader.ts'
import { TextCodec } from '../../src/subprocess/text-codec.ts'

test('a read that fails reports the error after what came before it, to every further read', async () => {
  const failure = new Error('EIO: i/o error, read')
  const stream = new Readable({ read() {} })
  const reader = new PipeReader<Buffer>(stream, undefined)
  stream.push('first\nsec')
  expect((await reader.readline()).toString()).toBe('first\n')
  stream.destroy(failure)
  for (let time = 0; time < 2; time += 1) expect(await attempt(reader.read())).toEqual({ ok: false, error: failure })
})

test('a read of fewer bytes than the next character has returns the whole character', async () => {
  const stream = new Readable({ read() {} })
  const reader = new PipeReader<string>(stream, new TextCodec('utf-8', 'strict'))
  stream.push(Buffer.from('€uro'))
  stream.push(null)
  expect([await reader.read(1), await reader.read(2), await reader.read()]).toEqual(['€', 'ur', 'o'])
})
