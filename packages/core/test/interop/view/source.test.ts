import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../../src/interop/view/source.ts'

/** A function made from its source text at run time, so that no compiler has changed it. */
function written(text: string): object {
  return new Function(`return (${text})`)() as object
}

function method(text: string): object {
  return Object.values(written(`{ ${text} }`))[0] as object
}

describe('the parameters of a function', () => {
  it.each<[object, string[]]>([
    [written('function () {}'), []],
    [written('() => 1'), []],
    [written('a => a'), ['a']],
    [written('async a => a'), ['a']],
    [written('(a, b) => a'), ['a', 'b']],
    [written('async function name(a, b = 1, ...rest) {}'), ['a', 'b = 1', '...rest']],
    [written('function* name(a,) {}'), ['a']],
    [
      written('function (a = "),(", b = [1, 2], { c, d } = { c: (1, 2) }) {}'),
      ['a = "),("', 'b = [1, 2]', '{ c, d } = { c: (1, 2) }'],
    ],
    [written('function (a /* (, */, b // ,\n) {}'), ['a', 'b']],
    [written("function (a = '\\'),', b = `)`) {}"), ["a = '\\'),'", 'b = `)`']],
    [method('async work(a, { signal } = {}) {}'), ['a', '{ signal } = {}']],
    [method('"quoted name"(a) {}'), ['a']],
    [Math.max, []],
    [((a: number) => a).bind(undefined), []],
  ])('of %s', (fn, parameters) => {
    expect(sourceOf(fn).parameters).toEqual(parameters)
  })

  it('may be hidden', () => {
    expect(sourceOf(Math.max).hidesParameters).toBe(true)
    expect(sourceOf(written('function () { return arguments[0] }')).hidesParameters).toBe(true)
    expect(sourceOf(written('function () {}')).hidesParameters).toBe(false)
  })
})

describe('the parameter from which a signal is read', () => {
  it.each<[string, number]>([
    ['(a, { signal }) => signal', 1],
    ['({ x = {}, signal: s } = {}) => s', 0],
    ['(a, o) => o.signal', 1],
    ['(a, o) => o?.signal', 1],
    ['(a, $o) => { const { b, signal } = $o }', 1],
    ['(a, o) => { let { signal, c: { d }, e = 1 } = o }', 1],
    ['(a, o = {}) => use(o . signal)', 1],
    ['(a, o) => use({ signal: a.b })', -1],
    ['(a, o) => other.o.signal', -1],
    ['(a, o) => o.signals', -1],
    ['(a, foo) => o.signal', -1],
    ['(a, o) => "signal"', -1],
    ['(a, o) => { const { signal } = other }', -1],
    ['(a, o) => { // o.signal\n }', -1],
  ])('of %s', (text, index) => {
    expect(sourceOf(written(text)).signalAt).toBe(index)
  })
})

describe('the parameter whose options are passed on', () => {
  it.each<[string, number]>([
    ['(url, options) => fetch(url, options)', 1],
    ['(url, options_) => new Request(url, options_)', 1],
    ['(path, opts) => this.call({ path, ...opts })', 1],
    ['(options) => service.build(options)', -1],
    ['(path, opts) => this.call({ path, ...other })', -1],
    ['(row) => request(row)', -1],
  ])('of %s', (text, index) => {
    expect(sourceOf(written(text)).optionsAt).toBe(index)
  })
})
