import { readFileSync } from 'node:fs'
import {
  Channel,
  type Coroutine,
  type Greenlet,
  killall,
  LifoQueue,
  Queue,
  Semaphore,
  sleep,
  spawn,
} from '@greenlit/core'
import { expect, test } from 'vitest'
import { program, turns } from '../support.ts'

type Step =
  | [kind: 'sleep']
  | [kind: 'spawn', steps: Step[]]
  | [kind: 'put' | 'get' | 'acquire' | 'release', object: number]

interface Recorded {
  readonly objects: readonly string[]
  readonly greenlets: readonly Step[][]
  readonly log: readonly string[]
}

/** The behaviour of gevent, as recorded by `record.py`. */
const recorded: Recorded[] = JSON.parse(readFileSync(new URL('corpus/gevent.json', import.meta.url), 'utf8'))
const TURNS = 60

const OBJECTS: Record<string, () => unknown> = {
  Channel: () => new Channel(),
  LifoQueue: () => new LifoQueue(),
  Queue: () => new Queue(),
  'Queue(1)': () => new Queue(1),
  'Semaphore(0)': () => new Semaphore(0),
  'Semaphore(1)': () => new Semaphore(1),
}

function* run({ objects, greenlets: given }: Recorded): Coroutine<string[]> {
  const log: string[] = []
  const things = objects.map((name) => OBJECTS[name]!())
  const greenlets: Greenlet<void>[] = []
  const start = (steps: readonly Step[]) => greenlets.push(spawn(follow, greenlets.length, steps))

  function* follow(ident: number, steps: readonly Step[]): Coroutine<void> {
    for (const [index, [kind, about]] of steps.entries()) {
      let done: string = kind
      if (kind === 'sleep') yield* sleep(0)
      else if (kind === 'spawn') start(about)
      else if (kind === 'put') yield* (things[about] as Queue<string>).put(`${ident}.${index}`)
      else if (kind === 'get') done = `got ${yield* (things[about] as Queue<string>).get()}`
      else if (kind === 'acquire') yield* (things[about] as Semaphore).acquire()
      else (things[about] as Semaphore).release()
      log.push(`${ident}.${index} ${done}`)
    }
  }

  for (const steps of given) start(steps)
  yield* turns(TURNS)
  const seen = log.slice()
  yield* killall(greenlets)
  return seen
}

test(
  'random programs of queues, channels and semaphores run in the same order as in gevent',
  program(function* () {
    expect(recorded.length).toBe(200)
    for (const each of recorded) expect({ ...each, log: yield* run(each) }).toEqual(each)
  }),
)
