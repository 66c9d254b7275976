import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from '../../src/queue/ring.ts'

test('a ring returns items in the order in which they were pushed, however it grows and wraps', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (pushes) => {
      const ring = new Ring<number>()
      const model: number[] = []
      for (const [index, push] of pushes.entries()) {
        if (push || model.length === 0) {
          ring.push(index)
          model.push(index)
        } else {
          expect(ring.peek()).toBe(model[0])
          expect(ring.shift()).toBe(model.shift())
        }
        expect(ring.length).toBe(model.length)
      }
      while (model.length > 0) expect(ring.shift()).toBe(model.shift())
    }),
  )
})

test('a ring that has been emptied keeps no reference to its former items', () => {
  const ring = new Ring<object>()
  for (let index = 0; index < 100; index += 1) ring.push({ index })
  while (ring.length > 0) ring.shift()
  const slots = (ring as unknown as { slots: unknown[] }).slots
  expect(slots.every((slot) => slot === undefined)).toBe(true)
})
