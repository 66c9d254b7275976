import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Greenlet } from '@greenlit/core'
import { expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('the numbers of very many greenlets collected at once are soon free again, smallest first', async () => {
  const count = 20_000
  const identOfNew = () => new Greenlet(() => {}).minimalIdent
  for (let made = 0; made < count; made += 1) identOfNew()
  let ident: number
  do {
    await new Promise((resolve) => setTimeout(resolve))
    collectGarbage()
    ident = identOfNew()
  } while (ident > count)
  expect(ident).toBeLessThan(10)
})
