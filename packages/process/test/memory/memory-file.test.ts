import { existsSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { MemoryFile } from '../../src/memory/memory-file.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const make = (shares: boolean) => {
  const file = MemoryFile.make(8)
  return shares ? file.share() : file.path
}

test('is removed once it is unused, unless it was shared', () =>
  spawn(function* () {
    const [own, shared] = [make(false), make(true)]
    for (let tries = 0; tries < 100 && existsSync(own); tries += 1) {
      collectGarbage()
      yield* sleep(5)
    }
    expect([existsSync(own), existsSync(shared)]).toEqual([false, true])
  }))
