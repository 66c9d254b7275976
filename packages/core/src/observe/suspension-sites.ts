import type { Execution } from '../engine/execution.ts'
import { runtime } from '../engine/runtime.ts'
import { UNSTARTED } from '../engine/states.ts'
import type { RawGreenlet } from '../greenlet/raw-greenlet.ts'

/** The maximum number of coroutine calls inspected for one dump; each takes some microseconds. */
const MAX_CALLS = 10_000
/** The global property through which the inspector finds the calls. */
const GLOBAL_KEY = 'greenlit.observe.calls'

interface Property {
  readonly name: string
  readonly value?: { readonly objectId?: string; readonly description?: string; readonly value?: unknown }
}
interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}
interface Answer {
  readonly error: unknown
  readonly result: unknown
}
interface Session {
  connect(): void
  disconnect(): void
  on(event: string, listener: (message: { params: { scriptId: string; url: string } }) => void): void
  post(method: string, params: object, callback: (error: unknown, result: unknown) => void): void
}

/** The executions of a greenlet: for main those of the waits of the plain program, otherwise the greenlet itself. */
export function executionsOf(greenlet: RawGreenlet): Execution[] {
  return greenlet === runtime.main ? [...runtime.programs].filter((program) => program._isMain) : [greenlet]
}

/**
 * Finds where suspended greenlets wait: the lines of a stack, innermost call first. Only V8's inspector knows where a generator is
 * suspended, so there are lines on Node only. A coroutine called by plain `yield*` has no line of its own, only its caller has.
 */
export function suspensionSites(greenlets: readonly RawGreenlet[]): Map<RawGreenlet, string[]> {
  const sites = new Map<RawGreenlet, string[]>()
  const session = openSession()
  if (session === undefined) return sites
  try {
    const urls = new Map<string, string>()
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
    // The inspector sessions of Deno and Bun never call back.
    if (answerOf(session, 'Debugger.enable', {}) === undefined) return sites
    const found = greenlets.flatMap((greenlet) =>
      executionsOf(greenlet).flatMap((execution) => callsIn(execution).map((call) => ({ greenlet, call }))),
    )
    const calls = found.slice(0, MAX_CALLS).map(({ call }) => call)
    readLines(session, calls, urls).forEach((line, index) => {
      const { greenlet } = found[index]!
      sites.set(greenlet, [...(sites.get(greenlet) ?? []), ...(line === undefined ? [] : [line])])
    })
  } finally {
    session.disconnect()
  }
  return sites
}

function openSession(): Session | undefined {
  const platform = (globalThis as { process?: { getBuiltinModule?(id: string): unknown } }).process
  const inspector = platform?.getBuiltinModule?.('node:inspector') as { Session: new () => Session } | undefined
  if (inspector === undefined) return undefined
  const session = new inspector.Session()
  session.connect()
  return session
}

/** The generators of an execution, innermost first. */
function callsIn(execution: Execution): object[] {
  const calls: object[] = []
  if (execution._state === UNSTARTED) return calls
  let { _generator: generator, _frame: frame } = execution
  while (generator !== null) {
    calls.push(generator)
    generator = frame?.callerGenerator ?? null
    frame = frame?.callerFrame ?? null
  }
  return calls
}

function readLines(
  session: Session,
  calls: readonly object[],
  urls: ReadonlyMap<string, string>,
): (string | undefined)[] {
  const holder = globalThis as { [GLOBAL_KEY]?: readonly object[] }
  holder[GLOBAL_KEY] = calls
  try {
    const expression = `globalThis[${JSON.stringify(GLOBAL_KEY)}]`
    const list = ask<{ result: { objectId: string } }>(session, 'Runtime.evaluate', { expression })
    const lines: (string | undefined)[] = []
    for (const { name, value } of propertiesOf(session, list.result.objectId).result) {
      if (/^\d+$/.test(name)) lines[Number(name)] = lineOf(session, value!.objectId!, urls)
    }
    return lines
  } finally {
    delete holder[GLOBAL_KEY]
  }
}

function lineOf(session: Session, objectId: string, urls: ReadonlyMap<string, string>): string | undefined {
  const { internalProperties = [] } = propertiesOf(session, objectId)
  const named = (name: string) => internalProperties.find((property) => property.name === name)?.value
  const location = named('[[GeneratorLocation]]')?.value as Location | undefined
  if (location === undefined) return undefined
  const name = /^(?:async\s+)?(?:function\s*)?\*?\s*([\w$]+)/.exec(
    named('[[GeneratorFunction]]')?.description ?? '',
  )?.[1]
  const place = `${urls.get(location.scriptId) ?? '?'}:${location.lineNumber + 1}:${location.columnNumber + 1}`
  return name === undefined || name === 'function' ? `at ${place}` : `at ${name} (${place})`
}

function propertiesOf(session: Session, objectId: string): { result: Property[]; internalProperties?: Property[] } {
  return ask(session, 'Runtime.getProperties', { objectId, ownProperties: true })
}

function ask<T>(session: Session, method: string, params: object): T {
  const answer = answerOf(session, method, params)
  if (answer === undefined || answer.error)
    throw new Error(`The inspector did not answer ${method}`, { cause: answer?.error })
  return answer.result as T
}

/** Posts a command. A session that is connected to its own thread calls back synchronously. */
function answerOf(session: Session, method: string, params: object): Answer | undefined {
  let answer: Answer | undefined
  session.post(method, params, (error, result) => {
    answer = { error, result }
  })
  return answer
}
