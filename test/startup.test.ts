import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Modules of Node that take longer to load than a whole package, and that most programs do without. */
const LARGE = [
  'NativeModule internal/deps/undici/undici',
  'NativeModule tls',
  'NativeModule crypto',
  'NativeModule http',
]

function loadedBy(entry: string): string[] {
  const url = new URL(`../packages/${entry}`, import.meta.url).href
  const program = `await import(${JSON.stringify(url)}); process.stdout.write(JSON.stringify(process.moduleLoadList))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }))
}

test.each(['core', 'process', 'net', 'http'])('importing %s loads none of the large modules of Node', (name) => {
  const loaded = loadedBy(`${name}/dist/index.js`)
  expect(loaded.length).toBeGreaterThan(0)
  expect(LARGE.filter((module) => loaded.includes(module))).toEqual([])
})

test('importing the views of the monkey layer does not load a second HTTP client', () => {
  expect(loadedBy('net/dist/monkey.js')).not.toContain('NativeModule internal/deps/undici/undici')
})
