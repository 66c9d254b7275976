import { sleep } from '@greenlit/core'
import { expect, test } from 'vitest'
import type { Payload } from '../../src/codec/payload.ts'
import { CANCEL, REQUEST, UNDO } from '../../src/transport/protocol.ts'
import type { Asker } from '../../src/tree/owned-object.ts'
import { Requests } from '../../src/tree/requests.ts'
import { run } from '../guard.ts'

const QUEUE = { node: '0', key: 1 }
const NAMES: Readonly<Record<number, string>> = { [REQUEST]: 'ask', [CANCEL]: 'cancel', [UNDO]: 'undo' }

/** The requests of a process '0.1' to the owner of a queue, and what they send and bring. */
function requestsTo() {
  const log: string[] = []
  const requests = new Requests({
    id: '0.1',
    send: ([, , kind, exchange], payload?: Payload) => {
      log.push(`${NAMES[kind as number]} ${kind === UNDO ? (payload as { text: string }).text : exchange}`)
    },
  })
  const get = (name: string, takesNext = true): number => {
    const asker: Asker = {
      node: '0.1',
      takesNext,
      answer: (_value, payload) => log.push(`${name} gets ${(payload as { text: string }).text}`) > 0,
      fail: () => true,
    }
    return requests.ask(asker, QUEUE, 'get', [true], undefined)
  }
  const answer = (exchange: number, text: string) => requests.answered(exchange, 1, { text })
  return { requests, get, answer, told: () => log.splice(0) }
}

test('an item for a call that was given up goes to the next one, and back to the owner if there is none', () => {
  const { requests, get, answer, told } = requestsTo()
  const first = get('a')
  requests.cancel(first)
  const second = get('b')
  told()
  answer(first, 'one')
  expect(told()).toEqual(['b gets one', `cancel ${second}`])
  answer(second, 'two')
  expect(told()).toEqual(['undo two'])
})

test('items go back to the owner only when it has no call any more, and later calls get them before that', () =>
  run(function* () {
    const { requests, get, answer, told } = requestsTo()
    const [first, second] = [get('a'), get('b')]
    requests.cancel(first)
    requests.cancel(second)
    told()
    answer(first, 'one')
    expect(told()).toEqual([])
    const third = get('c')
    yield* sleep(0)
    expect(told()).toEqual([`ask ${third}`, 'c gets one', `cancel ${third}`])
    answer(second, 'two')
    answer(third, 'three')
    expect(told()).toEqual(['undo two', 'undo three'])
  }))

test('the owner is told of items once the last call of this process is cancelled or has failed', () => {
  const { requests, get, answer, told } = requestsTo()
  for (const end of [
    (exchange: number) => requests.cancelled(exchange),
    (exchange: number) => requests.fail(exchange, new Error('gone')),
  ]) {
    const [first, second] = [get('a'), get('b')]
    requests.cancel(first)
    requests.cancel(second)
    answer(first, 'one')
    told()
    end(second)
    expect(told()).toEqual(['undo one'])
  }
})

test('the result of a call that asks for something particular goes to no other call', () => {
  const { requests, get, answer, told } = requestsTo()
  const first = get('a', false)
  requests.cancel(first)
  get('b', false)
  told()
  answer(first, 'one')
  expect(told()).toEqual(['undo one'])
})

test('very many items for calls that were given up go back to the owner in order, in linear time', () => {
  const { requests, get, answer, told } = requestsTo()
  const exchanges = Array.from({ length: 30_000 }, () => get('a'))
  for (const exchange of exchanges) requests.cancel(exchange)
  told()
  for (const [index, exchange] of exchanges.entries()) answer(exchange, String(index))
  expect(told()).toEqual(exchanges.map((_, index) => `undo ${index}`))
})
