import { afterEach, expect, test, vi } from 'vitest'
import { environmentVariable, requestBegan, requestEnded } from '../../src/environment/variables.ts'

const NAME = 'GREENLIT_VARIABLE_OF_A_TEST'
let underWay = 0

function begin(): void {
  requestBegan()
  underWay += 1
}

function end(): void {
  requestEnded()
  underWay -= 1
}

afterEach(() => {
  while (underWay > 0) end()
  delete process.env[NAME]
  vi.useRealTimers()
})

test('a request on its own sees what is set', () => {
  expect(environmentVariable(NAME)).toBeUndefined()
  begin()
  process.env[NAME] = 'one'
  expect(environmentVariable(NAME)).toBe('one')
  process.env[NAME] = 'two'
  expect(environmentVariable(NAME)).toBe('two')
})

test('requests side by side see what was set within the last 10 ms, set or not', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  begin()
  begin()
  expect(environmentVariable(NAME)).toBeUndefined()
  process.env[NAME] = 'one'
  begin()
  expect(environmentVariable(NAME)).toBeUndefined()
  vi.advanceTimersByTime(10)
  begin()
  expect(environmentVariable(NAME)).toBe('one')
})

test('nothing is remembered once requests are no longer side by side', () => {
  begin()
  begin()
  expect(environmentVariable(NAME)).toBeUndefined()
  end()
  process.env[NAME] = 'one'
  begin()
  expect(environmentVariable(NAME)).toBe('one')
})
