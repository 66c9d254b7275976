import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Coroutine } from '@greenlit/core'
import { drive, show } from '@greenlit/core/engine'
import { osError } from '../errors/os-error.ts'
import { importModule } from './importing.ts'

/** A function for another process to run, named by its module and export. */
export interface Target {
  /** The module: a URL (`new URL('./work.mjs', import.meta.url)`), an absolute path, or the name of a package or Node module. */
  readonly module: URL | string
  /** The name under which the module exports the function, which may be a coroutine function, an async or a plain function. */
  readonly export: string
}

/** A checked target in the form in which it is sent. */
export interface CheckedTarget {
  readonly module: string
  readonly export: string
}

/**
 * Checks a target as far as possible without loading its module.
 *
 * @throws {TypeError} for an invalid target, such as a function, which cannot be sent to another process; {RangeError} for a
 *   relative path; {FileNotFoundError} if the file does not exist
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

/** Like `checkTarget`, with the result cached, for targets that are used repeatedly. */
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

/** Imports the function that a target names. */
export async function loadTarget(target: CheckedTarget): Promise<(...args: unknown[]) => unknown> {
  const module = await importModule(target.module)
  const exported = module[target.export]
  if (typeof exported === 'function') return exported as (...args: unknown[]) => unknown
  const functions = Object.keys(module).filter((key) => typeof module[key] === 'function')
  const has = functions.length === 0 ? 'no functions' : functions.join(', ')
  throw new TypeError(
    `Expected ${target.module} to export a function ${show(target.export)}, got ${show(exported)}; it exports ${has}`,
  )
}

/** Calls a target's function and runs the coroutine or promise that it may return to completion. */
export function* callTarget(fn: (...args: unknown[]) => unknown, args: readonly unknown[]): Coroutine<unknown> {
  return yield* drive(fn(...args))
}
