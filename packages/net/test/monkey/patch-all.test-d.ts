import type fsModule from 'node:fs'
import { type Operation, spawn } from '@greenlit/core'
import type { Socket } from '@greenlit/net'
import { getOriginal, patchAll } from '@greenlit/net/monkey'
import { expectTypeOf } from 'vitest'

const { fs, net, dgram, timers, dns, http } = patchAll()

spawn(function* () {
  expectTypeOf(yield* fs.readFile('path')).toExtend<Uint8Array>()
  expectTypeOf(yield* fs.exists('path')).toEqualTypeOf<boolean>()
  expectTypeOf(yield* fs.createWriteStream('path').write('text')).toEqualTypeOf<undefined>()
  expectTypeOf((yield* http.get({ host: '127.0.0.1' })).statusCode).toEqualTypeOf<number | undefined>()
  expectTypeOf(yield* net.connect(80)).toEqualTypeOf<Socket>()
  expectTypeOf(yield* timers.setTimeout(5, 'value')).toEqualTypeOf<string>()
  expectTypeOf((yield* dns.lookup('localhost')).address).toEqualTypeOf<string>()
  expectTypeOf((yield* http.get('http://127.0.0.1')).statusCode).toEqualTypeOf<number | undefined>()
})
expectTypeOf(dgram.createSocket('udp4').recvfrom(5)).toExtend<Operation<[Buffer, unknown]>>()
expectTypeOf(patchAll({ fs: false }).fs).toEqualTypeOf<typeof fsModule>()
expectTypeOf(getOriginal('fs', 'existsSync')).toEqualTypeOf<typeof fsModule.existsSync>()
// @ts-expect-error there is no view of this module
patchAll({ os: true })
