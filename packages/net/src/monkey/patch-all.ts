import { original } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { MAKERS, type ModuleName, ORIGINALS, type Views } from './views.ts'

/** Which modules `patchAll` leaves as they are: those that are `false`. */
export type PatchOptions = { readonly [K in ModuleName]?: boolean }

/** What `patchAll` gives: a view of each module, or the module itself where that was asked for. */
export type Patched<O extends PatchOptions> = {
  readonly [K in ModuleName]: O[K] extends false ? (typeof ORIGINALS)[K] : Views[K]
}

const NAMES = Object.keys(ORIGINALS) as ModuleName[]
const patched = new Map<ModuleName, object>()

/**
 * Gives views of Node's own modules whose calls wait in the greenlet, in place of gevent's `monkey.patch_all()`. Nothing global is
 * changed: what other code imports stays as it is, and only code that uses the views is cooperative. A second call gives the same
 * views.
 *
 * - `net`, `tls`, `dgram`: connecting, serving and sending with cooperative sockets
 * - `dns`, `fs`, `child_process`, `stream`, `readline`: what takes a callback or gives a promise gives an operation
 * - `timers`: `setTimeout(milliseconds, value)` and `setImmediate(value)` wait
 * - `http`, `https`: `get` and `request` wait for the response; a server's handler runs in a greenlet for each request
 *
 * What can never be patched: synchronous calls (`fs.readFileSync`, `execSync`, `Atomics.wait`, a long computation) stop the whole
 * thread, and so every greenlet. Give those to a `ThreadPool` of `@greenlit/process`.
 *
 * @param options modules that are `false` are given as they are
 * @throws {TypeError} for a name that is no such module
 * @example
 * const { fs, net } = patchAll()
 * spawn(function* () {
 *   const client = yield* net.connect(8080, '127.0.0.1')
 *   yield* client.sendall(yield* fs.readFile('request.txt'))
 * })
 */
export function patchAll<const O extends PatchOptions = Record<never, never>>(options?: O): Patched<O> {
  const given: PatchOptions = options ?? {}
  for (const name of Object.keys(given)) checkName(name)
  const result: Record<string, object> = {}
  for (const name of NAMES) result[name] = given[name] === false ? ORIGINALS[name] : patchModule(name)
  return result as unknown as Patched<O>
}

/**
 * Gives the view of one module (gevent: patch_module).
 *
 * @param name its name, with or without 'node:'
 * @throws {TypeError} for a module that has no view
 * @example
 * const fs = patchModule('fs')
 */
export function patchModule<K extends ModuleName>(name: K | `node:${K}`): Views[K] {
  const key = checkName(name) as K
  const known = patched.get(key)
  if (known !== undefined) return known as Views[K]
  const view = MAKERS[key]()
  patched.set(key, view)
  return view
}

/**
 * The module as Node has it, or something of it (gevent: get_original).
 *
 * @param module a module's name, its view, or anything else that `green` shows
 * @param item the name of something in it; several names give a list
 * @throws {TypeError} for a name that is no such module
 * @example
 * getOriginal('fs', 'readFile') === fs.readFile // true
 */
export function getOriginal<K extends ModuleName>(module: K | `node:${K}`): (typeof ORIGINALS)[K]
export function getOriginal<K extends ModuleName, I extends keyof (typeof ORIGINALS)[K]>(
  module: K | `node:${K}`,
  item: I,
): (typeof ORIGINALS)[K][I]
export function getOriginal(module: string | object, item?: string | readonly string[]): unknown
export function getOriginal(module: string | object, item?: PropertyKey | readonly string[]): unknown {
  const found = originalOf(module)
  if (item === undefined) return found
  if (Array.isArray(item)) return item.map((name: string) => Reflect.get(found, name))
  return Reflect.get(found, item as PropertyKey)
}

function originalOf(module: string | object): object {
  if (typeof module === 'string') return ORIGINALS[checkName(module)]
  for (const [name, view] of patched) if (view === module) return ORIGINALS[name]
  return original<object>(module)
}

/**
 * Whether a view of the module was made (gevent: is_module_patched).
 *
 * @param name its name, with or without 'node:'; of a module without a view it is `false`
 * @example
 * isModulePatched('fs') // true, after `patchAll()`
 */
export function isModulePatched(name: string): boolean {
  return patched.has(bare(name) as ModuleName)
}

/** Whether the module's view has something else of that name than the module itself (gevent: is_object_patched). */
export function isObjectPatched(name: string, item: string): boolean {
  const key = bare(name) as ModuleName
  const view = patched.get(key)
  return view !== undefined && Reflect.get(view, item) !== Reflect.get(ORIGINALS[key], item)
}

/** Whether any view was made (gevent: is_anything_patched). */
export function isAnythingPatched(): boolean {
  return patched.size > 0
}

function checkName(name: unknown): ModuleName {
  const key = typeof name === 'string' ? bare(name) : undefined
  if (key !== undefined && Object.hasOwn(ORIGINALS, key)) return key as ModuleName
  throw new TypeError(`Expected one of ${NAMES.join(', ')}, got ${show(name)}`)
}

function bare(name: string): string {
  return String(name).replace(/^node:/, '')
}
