import { getHub, gettrace, sleep, spawn } from '@greenlit/core'
import { EventLoopBlocked, PeriodicMonitor, subscribers } from '@greenlit/core/observe'
import { useVirtualClock, watchLeaks } from '@greenlit/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collectReports, program, thrownBy } from '../support.ts'

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    // busy
  }
}

describe('PeriodicMonitor', () => {
  const hub = getHub()
  const stream = hub.exceptionStream
  let monitor: PeriodicMonitor
  let events: EventLoopBlocked[]
  let printed: string
  const subscriber = (event: EventLoopBlocked) => void events.push(event)
  // On a busy machine other greenlets are reported too.
  const eventsOf = (greenlet: unknown) => events.filter((event) => event.greenlet === greenlet)

  beforeEach(() => {
    events = []
    printed = ''
    hub.exceptionStream = { write: (text) => void (printed += text) }
    subscribers.push(subscriber)
    monitor = new PeriodicMonitor({ maxBlockingTime: 20 })
  })
  afterEach(() => {
    monitor.stop()
    subscribers.splice(subscribers.indexOf(subscriber), 1)
    hub.exceptionStream = stream
  })

  it(
    'can be stopped and started again while another one, started later, is running',
    program(function* () {
      using other = new PeriodicMonitor({ maxBlockingTime: 20 })
      monitor.start()
      other.start()
      yield* monitor.stop()
      monitor.start()
      const first = spawn(() => block(50))
      yield* first.join()
      expect(eventsOf(first).length).toBe(2)
      other.stop()
      const second = spawn(() => block(50))
      yield* second.join()
      expect(eventsOf(second).length).toBe(1)
      monitor.stop()
      expect(gettrace()).toBeUndefined()
    }),
  )

  it('calls a function once per period, without keeping the program alive, until it is stopped', async () => {
    using clock = useVirtualClock()
    const leaks = watchLeaks()
    let calls = 0
    monitor.addMonitoringFunction(() => void (calls += 1), 10)
    {
      using running = monitor.start().start()
      expect(leaks.find().timers).toBe(0)
      await clock.advance(25)
      expect(running.monitoringFunctions().length).toBe(1)
    }
    expect(calls).toBe(2)
    await clock.advance(100)
    expect(calls).toBe(2)
  })

  it(
    'reports a greenlet again that is no longer ignored',
    program(function* () {
      monitor.start()
      yield* spawn(() => {
        monitor.ignoreCurrentGreenletBlocking()
        monitor.monitorCurrentGreenletBlocking()
        block(50)
      })
      expect(events.length).toBe(1)
    }),
  )

  it('keeps calling a function whose new period was rejected', async () => {
    using clock = useVirtualClock()
    let calls = 0
    const count = () => void (calls += 1)
    monitor.addMonitoringFunction(count, 10)
    monitor.start()
    expect(String(thrownBy(() => monitor.addMonitoringFunction(count, 0)))).toContain('Expected `period`')
    await clock.advance(25)
    expect(calls).toBe(2)
  })

  it(
    'reports a blocking greenlet: its name, how long it ran, where it waits now and where it was spawned',
    program(function* () {
      monitor.start()
      const hog = spawn(function* hogging() {
        block(50)
        yield* sleep(1)
      })
      hog.name = 'hog'
      yield* hog
      const ofHog = eventsOf(hog)
      expect(ofHog.length).toBe(1)
      expect(String(ofHog[0]!.greenlet)).toBe('<Greenlet hog>')
      expect(ofHog[0]!.blockingTime).toBeGreaterThanOrEqual(45)
      expect(printed).toMatch(/<Greenlet hog> ran for \d+ ms without letting others run\nthen suspended\n +at hogging/)
      expect(printed).toMatch(/spawned at\n.*periodic-monitor/)
    }),
  )

  it(
    'does not say where a greenlet waits that has ended',
    program(function* () {
      monitor.start()
      const hog = spawn(() => block(50))
      yield* hog
      expect(eventsOf(hog).length).toBe(1)
      expect(printed).not.toContain('then suspended')
    }),
  )

  it(
    'does not report short turns, the hub or ignored greenlets, or anything when stopped',
    program(function* () {
      monitor.start()
      yield* sleep(50)
      const ignored = spawn(function* () {
        monitor.ignoreCurrentGreenletBlocking()
        block(50)
        yield* sleep(0)
        monitor.monitorCurrentGreenletBlocking()
      })
      yield* ignored
      expect(events).toEqual([])
      monitor.stop()
      yield* spawn(() => block(50))
      expect(events).toEqual([])
    }),
  )

  it(
    'checks on demand whether the current greenlet has been running since the last check',
    program(function* () {
      monitor.start()
      yield* spawn(function* () {
        expect(monitor.monitorBlocking()).toBe(undefined)
        const began = performance.now()
        const event = monitor.monitorBlocking()
        expect(event).toBeInstanceOf(EventLoopBlocked)
        expect(event!.blockingTime).toBeLessThan(began)
        yield* sleep(0)
        expect(monitor.monitorBlocking()).toBe(undefined)
        monitor.ignoreCurrentGreenletBlocking()
        expect(monitor.monitorBlocking()).toBe(undefined)
      })
      let inHub: unknown = 'not called'
      hub.runCallback(() => {
        monitor.monitorBlocking()
        inHub = monitor.monitorBlocking()
      })
      yield* sleep(0)
      expect(inHub).toBe(undefined)
      expect(events.length).toBe(1)
    }),
  )

  it('calls monitoring functions in their periods, which can be changed, until they are removed', async () => {
    using clock = useVirtualClock()
    monitor.start()
    const calls: number[] = []
    const fn = (given: unknown) => {
      expect(given === hub).toBe(true)
      calls.push(clock.now())
    }
    monitor.addMonitoringFunction(fn, 100)
    expect(monitor.monitoringFunctions()).toEqual([[fn, 100]])
    await clock.advance(250)
    expect(calls).toEqual([100, 200])
    monitor.addMonitoringFunction(fn, 200)
    expect(monitor.monitoringFunctions()).toEqual([[fn, 200]])
    await clock.advance(400)
    expect(calls).toEqual([100, 200, 450, 650])
    monitor.addMonitoringFunction(fn, undefined)
    expect(monitor.monitoringFunctions()).toEqual([])
    await clock.advance(1000)
    expect(calls.length).toBe(4)
  })

  it('reports an error of a monitoring function or subscriber, and goes on', async () => {
    const reports = collectReports()
    using clock = useVirtualClock()
    monitor.start()
    let calls = 0
    monitor.addMonitoringFunction(() => {
      calls += 1
      throw new Error('in monitoring')
    }, 10)
    await clock.advance(25)
    expect(calls).toBe(2)
    expect(reports.map(({ error }) => (error as Error).message)).toEqual(['in monitoring', 'in monitoring'])
  })

  it('rejects bad arguments up front', () => {
    const fn = () => {}
    for (const period of [0, -1, Number.NaN]) {
      expect(thrownBy(() => monitor.addMonitoringFunction(fn, period))).toBeInstanceOf(Error)
    }
    expect(monitor.monitoringFunctions()).toEqual([])
    expect(thrownBy(() => monitor.addMonitoringFunction(7 as never, 1))).toBeInstanceOf(TypeError)
    expect(thrownBy(() => new PeriodicMonitor({ maxBlockingTime: 0 }))).toBeInstanceOf(RangeError)
    expect(thrownBy(() => (monitor.maxBlockingTime = -1))).toBeInstanceOf(RangeError)
    expect(monitor.maxBlockingTime).toBe(20)
  })
})
