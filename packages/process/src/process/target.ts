import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Coroutine } from '@greenlit/core'
import { drive, show } from '@greenlit/core/engine'
import { osError } from '../errors/os-error.ts'

/** What another process runs: a function, named by the module that exports it. */
export interface Target {
  /**
   * The module: a URL (`new URL('./work.mjs', import.meta.url)`), an absolute path, or the name of a package or of a module of
   * Node.
   */
  readonly module: URL | string
  /** The name under which the module exports the function: a coroutine function, an async or a plain one. */
  readonly export: string
}

/** A target that was checked, as it is sent. */
export interface CheckedTarget {
  readonly module: string
  readonly export: string
}

/**
 * Checks a target, as far as that can be done without loading the module.
 *
 * @throws {TypeError} if it is none: a function cannot go to another process; {RangeError} for a relative path;
 *   {FileNotFoundError} if there is no such file
 * @example
 * checkTarget({ module: 'node:path', export: 'basename' })
 */
export function checkTarget(target: unknown, name = 'target'): CheckedTarget {
  if (typeof target === 'function') throw new TypeError(whyNoClosure(name, target.name))
  if (typeof target !== 'object' || target === null || !('module' in target) || !('export' in target))
    throw new TypeError(`Expected \`${name}\` to be { module, export }, got ${show(target)}`)
  const { module, export: exported } = target as { module: unknown; export: unknown }
  if (typeof exported !== 'string' || exported === '')
    throw new TypeError(`Expected \`${name}.export\` to be the name of an exported function, got ${show(exported)}`)
  if (typeof module !== 'string' && !(module instanceof URL))
    throw new TypeError(`Expected \`${name}.module\` to be a URL or a string, got ${show(module)}`)
  return { module: urlOf(module, name), export: exported }
}

const checked = new WeakMap<object, CheckedTarget & { readonly given: unknown }>()

/** As `checkTarget`, for a target that is given again and again. */
export function checkTargetOnce(target: unknown): CheckedTarget {
  if (typeof target !== 'object' || target === null) return checkTarget(target)
  const { module, export: exported } = target as Target
  const known = checked.get(target)
  if (known !== undefined && known.given === module && known.export === exported) return known
  const fresh = { ...checkTarget(target), given: module }
  checked.set(target, fresh)
  return fresh
}

function whyNoClosure(name: string, own: string): string {
  const what = own === '' ? 'a function' : `the function ${own}`
  return (
    `Expected \`${name}\` to be { module, export }, got ${what}: a function cannot go to another process, which does not ` +
    `have the variables around it. Export it from a module: { module: new URL('./work.mjs', import.meta.url), export: '${own || 'work'}' }`
  )
}

function urlOf(module: URL | string, name: string): string {
  const text = String(module)
  if (typeof module === 'string' && /^\.{0,2}\//.test(text) && !isAbsolute(text))
    throw new RangeError(
      `Expected \`${name}.module\` to be absolute, got ${show(module)}: write new URL(${show(module)}, import.meta.url)`,
    )
  const url = isAbsolute(text) ? pathToFileURL(text).href : text
  if (url.startsWith('file:')) {
    const path = fileURLToPath(new URL(url))
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw osError('ENOENT', { filename: path })
    return url
  }
  if (/^(node|data|https?):/.test(url)) return url
  return pathToFileURL(createRequire(pathToFileURL(`${process.cwd()}/`)).resolve(url)).href
}

/** Loads the function that a target names. */
export async function loadTarget(target: CheckedTarget): Promise<(...args: unknown[]) => unknown> {
  const module = (await import(target.module)) as Record<string, unknown>
  const exported = module[target.export]
  if (typeof exported === 'function') return exported as (...args: unknown[]) => unknown
  const functions = Object.keys(module).filter((key) => typeof module[key] === 'function')
  const has = functions.length === 0 ? 'no functions' : functions.join(', ')
  throw new TypeError(
    `Expected ${target.module} to export a function ${show(target.export)}, got ${show(exported)}; it exports ${has}`,
  )
}

/** Calls a target's function and drives what it returns to its end. */
export function* callTarget(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): Coroutine<unknown> {
  return yield* drive(fn(...args))
}
