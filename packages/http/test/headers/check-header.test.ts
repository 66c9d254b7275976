import { describe, expect, test } from 'vitest'
import { InvalidHeader } from '../../src/errors/invalid-header.ts'
import { checkHeader } from '../../src/headers/check-header.ts'

describe('checkHeader', () => {
  test.each([
    ['X-A', ''],
    ['X-A', 'one two\tthree '],
    ['X-A', 'caf\xe9'],
    ["!#$%&'*+-.^_`|~09aZ", 'x'],
  ])('accepts %j: %j', (name, value) => {
    expect(() => checkHeader(name, value)).not.toThrow()
  })

  test.each([
    ['a line break', 'one\r\nX-B: two'],
    ['a line break', 'one\ntwo'],
    ['a line break', 'one\rtwo'],
    ['white space', ' two'],
    ['white space', '\ttwo'],
    ['control character', 'a\0b'],
    ['Latin-1', '日本'],
  ])('rejects a value with %s and does not show it', (words, value) => {
    expect(() => checkHeader('X-Secret', value)).toThrow(InvalidHeader)
    expect(() => checkHeader('X-Secret', value)).toThrow(words)
    expect(() => checkHeader('X-Secret', value)).toThrow('`X-Secret`')
    expect(() => checkHeader('X-Secret', value)).not.toThrow('two')
  })

  test.each([[3], [true], [{ a: 1 }], [['a']], [null]])('rejects %j as a value, naming the header', (value) => {
    expect(() => checkHeader('X-Number', value)).toThrow(
      /header `X-Number` to be a string, got (an array|null|a value of type)/,
    )
  })

  test.each([[''], [' X'], ['X '], ['X:Y'], ['X\r\nY'], ['Ünï'], [3]])('rejects %j as a name', (name) => {
    expect(() => checkHeader(name, 'x')).toThrow(InvalidHeader)
  })
})
