import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests run on the packages' TypeScript sources: an entry of `exports` is the file of the same name under `src`. */
const source = fileURLToPath(new URL('./packages/', import.meta.url))

// The tests request pages of servers of their own, to which no proxy of the developer's network leads, and compare the output of
// programs, which must not be coloured.
const DISTURBING = /^(?:(?:https?|all|no)_proxy|force_color)$/i
for (const name of Object.keys(process.env)) if (DISTURBING.test(name)) delete process.env[name]

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@greenlit\/(core|net|process|http)$/, replacement: `${source}$1/src/index.ts` },
      { find: /^@greenlit\/(core|net|process|http)\/(.+)$/, replacement: `${source}$1/src/$2.ts` },
    ],
  },
  oxc: { target: 'es2022' },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/test/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Most tests wait for sockets and processes: on two cores vitest would run one file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // A busy machine may keep a real socket or process waiting beyond a bound; what fails twice is broken.
    retry: process.env.CI === undefined ? 0 : 2,
  },
})
