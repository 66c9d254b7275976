import { joinall, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { Given } from '../../src/prefork/given.ts'
import { Inbox } from '../../src/prefork/inbox.ts'
import { ExternalWait } from '../../src/wait/external-wait.ts'
import { guardLeaks, run } from '../guard.ts'

guardLeaks()
const given = (message: number) => new Given(undefined, message, 0, () => {})

test('what killed receivers did not take goes to other waiters, in order', () =>
  run(function* () {
    const inbox = new Inbox()
    const next = () => new ExternalWait<Given | undefined>(inbox, undefined, () => undefined)
    const killed = [spawn(next), spawn(next)]
    const others = [spawn(next), spawn(next)]
    yield* sleep(0)
    for (const receiver of killed) receiver.kill()
    inbox.add(given(1))
    inbox.add(given(2))
    yield* joinall(others)
    expect(others.map((other) => other.value?.message)).toEqual([1, 2])
    const late = [spawn(next), spawn(next)]
    yield* sleep(0)
    for (const receiver of late) receiver.kill()
    inbox.add(given(3))
    inbox.add(given(4))
    yield* joinall(late)
    expect([(yield* next())?.message, (yield* next())?.message]).toEqual([3, 4])
  }))
