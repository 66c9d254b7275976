import { coroutine, sleep, spawn } from '@greenlit/core'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

const RESUMES = 100_000

const nested = coroutine(function* (depth, resumes) {
  if (depth > 1) return yield* nested(depth - 1, resumes)
  for (let i = 0; i < resumes; i += 1) yield* sleep(0)
  return 0
})

async function nestedAsync(depth, resumes) {
  if (depth > 1) return await nestedAsync(depth - 1, resumes)
  for (let i = 0; i < resumes; i += 1) await undefined
  return 0
}

const resumeAt = (depth) => () => nanosecondsPerOperation((count) => spawn(nested, depth, count), RESUMES)
const awaitAt = (depth) => () => nanosecondsPerOperation((count) => nestedAsync(depth, count), RESUMES)

const depths = [10, 100, 1000].map((depth) => [
  `depth-${depth}`,
  {
    title: `resume at call depth ${depth} / at depth 1`,
    unit: 'ns',
    most: depth === 1000 ? 1.3 : undefined,
    against: 'depth 1',
    variants: { greenlit: resumeAt(depth), 'depth 1': resumeAt(1) },
  },
])

export const depthCases = {
  ...Object.fromEntries(depths),
  'depth-10-await': {
    title: 'resume at depth 10 / nested async functions at depth 10',
    unit: 'ns',
    most: 1,
    variants: { greenlit: resumeAt(10), 'async/await': awaitAt(10) },
  },
}
