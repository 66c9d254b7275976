import { createServer } from 'node:net'
import { Event, once, sleep, spawn, spawnLater } from '@greenlit/core'
import { watchLeaks } from '@greenlit/core/testing'
import { describe, expect, it } from 'vitest'

describe('watchLeaks', () => {
  it('passes when nothing is left', async () => {
    const leaks = watchLeaks()
    await spawn(sleep, 1)
    await leaks.assertNone()
    expect(leaks.find()).toEqual({ greenlets: [], timers: 0, waits: 0, handles: [] })
  })

  it('finds greenlets with what they wait on and where they were spawned', async () => {
    const leaks = watchLeaks()
    const forgotten = spawn(function* () {
      yield* new Event().wait()
    })
    forgotten.name = 'forgotten'
    await sleep(0)
    expect(leaks.find().greenlets.map(String)).toEqual(['<Greenlet forgotten>'])
    await expect(leaks.assertNone({ patience: 0 })).rejects.toThrow(
      /forgotten> waits on Event\.wait\nspawned at\n.*leak-check/s,
    )
    await forgotten.kill()
    await leaks.assertNone()
  })

  it('finds greenlets that have not started yet', async () => {
    const leaks = watchLeaks()
    const late = spawnLater(60_000, () => {})
    await expect(leaks.assertNone({ patience: 0 })).rejects.toThrow(`${late} waits on its turn`)
    await late.kill()
  })

  it('finds timers and waits', async () => {
    const leaks = watchLeaks()
    const sleeper = spawn(sleep, 60_000)
    const waiter = spawn(() => once(new EventTarget(), 'never'))
    await sleep(0)
    expect(leaks.find()).toMatchObject({ timers: 1, waits: 1 })
    await expect(leaks.assertNone({ patience: 0 })).rejects.toThrow(
      /\n {2}timers of the hub: 1\n {2}waits for something outside: 1$/,
    )
    await sleeper.kill()
    await waiter.kill()
    await leaks.assertNone()
  })

  it('does not count a wait of plain code as a leak', async () => {
    const leaks = watchLeaks()
    const target = new EventTarget()
    const waiting = Promise.resolve(once(target, 'go'))
    await sleep(1)
    expect(leaks.find().waits).toBe(0)
    target.dispatchEvent(new globalThis.Event('go'))
    await waiting
  })

  it('finds sockets of the platform, and waits for those that are closing', async () => {
    const leaks = watchLeaks()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect(leaks.find().handles).toEqual(['TCPServerWrap'])
    expect(watchLeaks().find().handles).toEqual([])
    await expect(leaks.assertNone({ patience: 0 })).rejects.toThrow('open resources: TCPServerWrap')
    server.close()
    await leaks.assertNone()
  })

  it('finds each of several sockets, and none that was there before', async () => {
    const [old, ...others] = [1, 2, 3].map(() => createServer())
    await once(old!.listen(0, '127.0.0.1'), 'listening')
    const leaks = watchLeaks()
    for (const server of others) await once(server.listen(0, '127.0.0.1'), 'listening')
    expect(leaks.find().handles).toEqual(['TCPServerWrap', 'TCPServerWrap'])
    for (const server of others) server.close()
    await leaks.assertNone()
    old!.close()
  })

  it("counts neither the calling greenlet nor the platform's timers", async () => {
    const leaks = watchLeaks()
    const timer = setTimeout(() => {}, 60_000)
    try {
      expect(await spawn(() => leaks.find())).toMatchObject({ greenlets: [], handles: [] })
    } finally {
      clearTimeout(timer)
    }
  })

  it('ignores what was there before, and handles if told to', async () => {
    const sleeper = spawn(sleep, 60_000)
    await sleep(0)
    const leaks = watchLeaks({ handles: false })
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    await leaks.assertNone({ patience: 0 })
    server.close()
    await sleeper.kill()
  })
})
