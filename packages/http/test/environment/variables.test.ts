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

test('a single request sees the current value', () => {
  expect(environmentVariable(NAME)).toBeUndefined()
  begin()
  process.env[NAME] = 'one'
  expect(environmentVariable(NAME)).toBe('one')
  process.env[NAME] = 'two'
  expect(environmentVariable(NAME)).toBe('two')
})

test('concurrent requests share values for up to 10 ms, including unset ones', () => {
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

test('nothing is cached once there are no concurrent requests', () => {
  begin()
  begin()
  expect(environmentVariable(NAME)).toBeUndefined()
  end()
  process.env[NAME] = 'one'
  begin()
  expect(environmentVariable(NAME)).toBe('one')
})
