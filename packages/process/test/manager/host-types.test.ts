import { expect, test } from 'vitest'
import { HostList } from '../../src/manager/host-types.ts'

test.each(['1', NaN, 0.5, undefined])('a list of a manager puts nothing in at %j', (index) => {
  const list = new HostList(['a'])
  expect(() => list.insert(index as never, 'b')).toThrow(/^Expected `index` to be a whole number/)
  expect(list.copy()).toEqual(['a'])
})
