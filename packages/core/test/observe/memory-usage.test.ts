import {
  MemoryUsageThresholdExceeded,
  MemoryUsageUnderThreshold,
  memorySubscribers,
  PeriodicMonitor,
} from '@greenlit/core/observe'
import { useVirtualClock } from '@greenlit/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collectReports } from '../support.ts'

describe('the memory usage, as checked by a PeriodicMonitor', () => {
  let rss = 0
  let told: unknown[] = []
  const subscriber = (event: unknown) => void told.push(event)

  beforeEach(() => {
    told = []
    memorySubscribers.push(subscriber)
    vi.spyOn(process, 'memoryUsage').mockImplementation((() => ({
      rss,
      heapTotal: 3,
      heapUsed: 2,
      external: 1,
    })) as never)
  })
  afterEach(() => {
    memorySubscribers.splice(memorySubscribers.indexOf(subscriber), 1)
    vi.restoreAllMocks()
  })

  it('is reported when it is too high and grows, and once when it no longer is', () => {
    const monitor = new PeriodicMonitor({ maxMemoryUsage: 100 })
    const look = (used: number) => {
      rss = used
      return monitor.monitorMemoryUsage()
    }
    expect(look(100)).toBe(undefined)
    const exceeded = look(101)
    expect(exceeded).toBeInstanceOf(MemoryUsageThresholdExceeded)
    expect(exceeded).toMatchObject({ memUsage: 101, maxAllowed: 100, memoryInfo: { rss: 101, heapUsed: 2 } })
    expect(look(101)).toBe(undefined)
    const grown = look(150)
    expect(grown).toMatchObject({ memUsage: 150 })
    expect(look(120)).toBe(undefined)
    const under = look(90)
    expect(under).toBeInstanceOf(MemoryUsageUnderThreshold)
    expect(under).not.toBeInstanceOf(MemoryUsageThresholdExceeded)
    expect(under).toMatchObject({ memUsage: 90, maxAllowed: 100, maxMemoryUsage: 120 })
    expect(look(80)).toBe(undefined)
    expect(told).toEqual([exceeded, grown, under])
  })

  it('is checked in the given period, while the monitor runs and there is a limit', async () => {
    using clock = useVirtualClock()
    rss = 500
    using monitor = new PeriodicMonitor({ maxMemoryUsage: 400, memoryMonitorPeriod: 1000 }).start()
    await clock.advance(999)
    expect(told).toEqual([])
    await clock.advance(2)
    expect(told.length).toBe(1)
    monitor.maxMemoryUsage = 600
    await clock.advance(1000)
    expect(told.length).toBe(2)
    monitor.maxMemoryUsage = undefined
    rss = 700
    await clock.advance(5000)
    expect(monitor.monitorMemoryUsage()).toBe(undefined)
    expect(told.length).toBe(2)
  })

  it('is reported to all subscribers, whatever one of them throws', () => {
    const reports = collectReports()
    memorySubscribers.unshift(() => {
      throw new Error('mine')
    })
    rss = 2
    new PeriodicMonitor({ maxMemoryUsage: 1 }).monitorMemoryUsage()
    memorySubscribers.shift()
    expect(told.length).toBe(1)
    expect(reports.length).toBe(1)
  })

  it('has limits that are numbers above 0', () => {
    for (const wrong of [0, -1]) expect(() => new PeriodicMonitor({ maxMemoryUsage: wrong })).toThrow(RangeError)
    for (const wrong of ['1', Number.NaN, {}])
      expect(() => new PeriodicMonitor({ maxMemoryUsage: wrong as never })).toThrow(TypeError)
    expect(() => new PeriodicMonitor({ memoryMonitorPeriod: 0 })).toThrow(RangeError)
    const monitor = new PeriodicMonitor()
    expect([monitor.maxMemoryUsage, monitor.monitorMemoryUsage(), monitor.monitoringFunctions()]).toEqual([
      undefined,
      undefined,
      [],
    ])
  })
})
