import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../packages/core/dist/index.js', import.meta.url))

/** The gzip size of a program bundled for a browser, which fails if anything in it needs Node. */
async function gzipBytes(program: string): Promise<number> {
  const bundled = await build({
    stdin: { contents: program.replace('core', entry), resolveDir: '.' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  return gzipSync(bundled.outputFiles[0]!.contents).length
}

// The targets, 16 and 7 kB, are not met; these bounds keep the present sizes from growing.
test('all of core is under 28.6 kB gzip, and needs no Node module', async () => {
  expect(await gzipBytes(`export * from 'core'`)).toBeLessThan(28_600)
})

test('spawn, sleep and joinall alone are under 12.6 kB gzip, as the rest is tree-shaken', async () => {
  expect(await gzipBytes(`export { spawn, sleep, joinall } from 'core'`)).toBeLessThan(12_600)
})
