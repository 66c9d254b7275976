import { expect, test } from 'vitest'
import { RunQueue, RunQueueNode } from '../../src/engine/run-queue.ts'

class Named extends RunQueueNode {
  readonly name: string

  constructor(name: string) {
    super()
    this.name = name
  }

  override _runInHub(): void {}
}

function filled(names: string): { queue: RunQueue; nodes: Named[] } {
  const queue = new RunQueue()
  const nodes = [...names].map((name) => new Named(name))
  for (const node of nodes) queue.push(node)
  return { queue, nodes }
}

function emptied(queue: RunQueue): string {
  let names = ''
  for (let node = queue.shift(); node !== null; node = queue.shift()) names += (node as Named).name
  return names
}

test('a run queue is first in, first out', () => {
  const { queue, nodes } = filled('abc')
  expect((queue.shift() as Named).name).toBe('a')
  queue.push(nodes[0]!)
  expect(emptied(queue)).toBe('bca')
  expect(queue.isEmpty).toBe(true)
  expect(queue.shift()).toBe(null)
})

test.each([
  ['abc', 0, 'bcd'],
  ['abc', 1, 'acd'],
  ['abc', 2, 'abd'],
  ['a', 0, 'd'],
  ['ab', 1, 'ad'],
])('from a queue of %s the node at index %i may be removed', (names, index, rest) => {
  const { queue, nodes } = filled(names)
  queue.remove(nodes[index]!)
  queue.remove(nodes[index]!)
  queue.push(new Named('d'))
  expect(emptied(queue)).toBe(rest)
})
