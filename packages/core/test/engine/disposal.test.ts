import { afterEach, expect, test, vi } from 'vitest'
import { ASYNC_DISPOSE, DISPOSE } from '../../src/engine/disposal.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('the symbols are those of the platform if it has them', () => {
  expect(DISPOSE).toBe(Symbol.dispose)
  expect(ASYNC_DISPOSE).toBe(Symbol.asyncDispose)
})

test('the symbols are defined on a platform without them', async () => {
  const NativeSymbol = Symbol
  const OldSymbol = Object.assign((description: string) => NativeSymbol(description), { iterator: Symbol.iterator })
  vi.stubGlobal('Symbol', OldSymbol)
  vi.resetModules()
  const fresh = await import('../../src/engine/disposal.ts')
  vi.unstubAllGlobals()
  expect(fresh.DISPOSE).not.toBe(Symbol.dispose)
  const given = OldSymbol as unknown as SymbolConstructor
  expect([given.dispose, given.asyncDispose]).toEqual([fresh.DISPOSE, fresh.ASYNC_DISPOSE])
  expect([String(fresh.DISPOSE), String(fresh.ASYNC_DISPOSE)]).toEqual([
    'Symbol(Symbol.dispose)',
    'Symbol(Symbol.asyncDispose)',
  ])
})
