import { original } from '@greenlit/core'
import { checkOptions, show, standFor } from '@greenlit/core/engine'
import { type ModuleName, ORIGINALS, VIEW_FACTORIES, type Views } from './views.ts'

/** Set a module to `false` to have `patchAll` return it unchanged. */
export type PatchOptions = { readonly [K in ModuleName]?: boolean }

/** The result of `patchAll`: a view of each module, or the module itself where the option is `false`. */
export type Patched<O extends PatchOptions> = {
  readonly [K in ModuleName]: O[K] extends false ? (typeof ORIGINALS)[K] : Views[K]
}

const NAMES = Object.keys(ORIGINALS) as ModuleName[]
const patched = new Map<ModuleName, object>()

/**
 * The original of each module that has a view, by name (gevent: saved).
 *
 * @example
 * saved.fs?.readFile === fs.readFile // true, after `patchAll()`
 */
export const saved: { readonly [K in ModuleName]?: (typeof ORIGINALS)[K] } = {}

/**
 * Returns views of Node's own modules whose calls block the greenlet, in place of gevent's `monkey.patch_all()`. Nothing global is
 * changed: other code still imports the original modules, and only code that uses the views is cooperative. Later calls return the
 * same views.
 *
 * - `net`, `tls`, `dgram`: connect, serve and send with cooperative sockets
 * - `dns`, `fs`, `child_process`, `stream`, `readline`: functions that take a callback or return a promise return an operation
 * - `timers`: `setTimeout(milliseconds, value)` and `setImmediate(value)` block the greenlet
 * - `http`, `https`: `get` and `request` wait for the response; a server's handler runs in a greenlet for each request
 *
 * Synchronous calls (`fs.readFileSync`, `execSync`, `Atomics.wait`, a long computation) can never be patched: they block the whole
 * thread, and with it every greenlet. Run them in a `ThreadPool` of `@greenlit/process`.
 *
 * @param options modules set to `false` are returned unchanged
 * @throws {TypeError} for the name of a module that has no view, or a value that is not a boolean
 * @example
 * const { fs, net } = patchAll()
 * spawn(function* () {
 *   const client = yield* net.connect(8080, '127.0.0.1')
 *   yield* client.sendall(yield* fs.readFile('request.txt'))
 * })
 */
export function patchAll<const O extends PatchOptions = Record<never, never>>(options?: O): Patched<O> {
  const given = checkOptions<PatchOptions>(options)
  for (const [name, on] of Object.entries(given)) {
    checkName(name)
    if (on !== undefined && typeof on !== 'boolean') {
      throw new TypeError(`Expected \`${name}\` to be true or false, got ${show(on)}`)
    }
  }
  const result: Record<string, object> = {}
  for (const name of NAMES) result[name] = given[name] === false ? ORIGINALS[name] : patchModule(name)
  return result as unknown as Patched<O>
}

/**
 * Returns the view of one module (gevent: patch_module).
 *
 * @param name its name, with or without 'node:'
 * @throws {TypeError} if the module has no view
 * @example
 * const fs = patchModule('fs')
 */
export function patchModule<K extends ModuleName>(name: K | `node:${K}`): Views[K] {
  const key = checkName(name) as K
  const known = patched.get(key)
  if (known !== undefined) return known as Views[K]
  const view = VIEW_FACTORIES[key]()
  standFor(ORIGINALS[key], view)
  patched.set(key, view)
  Object.defineProperty(saved, key, { value: ORIGINALS[key], enumerable: true })
  return view
}

/**
 * Returns Node's original module, or members of it (gevent: get_original).
 *
 * @param module a module's name, its view, or any other object that `green` has wrapped
 * @param item the name of a member; an array of names returns an array
 * @throws {TypeError} for the name of a module that has no view, or something that is neither a name nor an object; for a member
 * that does not exist
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
  if (Array.isArray(item)) return item.map((name: string) => memberOf(found, name))
  return memberOf(found, item as PropertyKey)
}

function memberOf(found: object, item: PropertyKey): unknown {
  if (item in found) return Reflect.get(found, item)
  throw new TypeError(`Expected \`item\` to name a member of the module, got ${show(item)}`)
}

function originalOf(module: string | object): object {
  if (typeof module === 'string') return ORIGINALS[checkName(module)]
  const isObject = (typeof module === 'object' && module !== null) || typeof module === 'function'
  if (isObject) return original<object>(module)
  throw new TypeError(`Expected \`module\` to be the name of a module or a view, got ${show(module)}`)
}

/**
 * Whether a view of the module has been created (gevent: is_module_patched).
 *
 * @param name its name, with or without 'node:'; `false` for a module that has no view
 * @example
 * isModulePatched('fs') // true, after `patchAll()`
 */
export function isModulePatched(name: string): boolean {
  return patched.has(bare(name) as ModuleName)
}

/**
 * Whether a module's view replaces the member of that name (gevent: is_object_patched). Synchronous functions block the thread in the
 * view too, so they do not count.
 *
 * @example
 * isObjectPatched('fs', 'readFile') // true, after `patchAll()`
 */
export function isObjectPatched(name: string, item: string): boolean {
  const key = bare(name) as ModuleName
  const view = patched.get(key)
  if (view === undefined || String(item).endsWith('Sync')) return false
  return Reflect.get(view, item) !== Reflect.get(ORIGINALS[key], item)
}

/**
 * Whether any view has been created (gevent: is_anything_patched).
 *
 * @example
 * isAnythingPatched() // true, after `patchAll()`
 */
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
