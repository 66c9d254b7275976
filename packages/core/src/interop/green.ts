import { wrongType } from '../engine/check.ts'
import type { GreenCallback } from './green-callback-types.ts'
import type { Green } from './green-types.ts'
import { originalOf } from './view/originals.ts'
import { isObject } from './view/values.ts'
import { Views } from './view/views.ts'

const promiseViews = /* @__PURE__ */ new Views(false)
const callbackViews = /* @__PURE__ */ new Views(true)

/**
 * A cooperative view of a module, client, class, object or function, in place of gevent's monkey patching. Nothing is changed or
 * copied: the view passes everything on, and shows what comes back.
 *
 * - A function that gives a promise gives an operation. An async function is called when that is waited for, any other at once.
 * - Synchronous functions, getters, symbols and data stay as they are; `this` is the thing itself, so private fields work.
 * - Classes stay classes: `new`, `instanceof` and static members. To extend one, extend the original.
 * - Objects that can do something are shown as views in turn, made when they are first seen, one for each.
 * - An `EventEmitter` or `EventTarget` gets `once(event)`, a readable stream a `read(size?)` that waits (`undefined` at the end), anything
 *   that is async iterable `iterate()` for `each`.
 * - A kill or a timeout aborts the call where it takes an `AbortSignal`: in options with a `signal`, in a parameter from which the
 *   function's source reads one, in a literal given for options that it spreads or makes a request with, in axios, undici and `fetch`.
 *   Elsewhere the work goes on and its outcome is ignored.
 *
 * The view of a view is itself, and `green(x) === green(x)`. Generic functions lose their type parameters, unless these say only
 * what the promise is of.
 *
 * @param thing an object or a function
 * @returns its view; `original(view)` gives the thing back
 * @throws {TypeError} at once, if `thing` is neither
 * @example
 * const fs = green(await import('node:fs/promises'))
 * const text = yield* fs.readFile(path, 'utf8')
 */
export const green = /* @__PURE__ */ Object.assign(
  function green<T extends object>(thing: T): Green<T> {
    return promiseViews.of(checkThing(thing)) as Green<T>
  },
  {
    /**
     * A view as `green` makes it of something whose functions take a callback as their last argument: they give an operation instead.
     * Functions that take none (by their name that ends in 'Sync' or is one of an emitter's or stream's, or by a last parameter for
     * options, an encoding or a listener) stay as they are;
     * `util.promisify.custom` is respected. A callback's several values come as an array.
     *
     * @param thing an object or a function
     * @throws {TypeError} at once, if `thing` is neither
     * @example
     * const zlib = green.callback(await import('node:zlib'))
     * const packed = yield* zlib.gzip(text)
     */
    callback<T extends object>(thing: T): GreenCallback<T> {
      return callbackViews.of(checkThing(thing)) as GreenCallback<T>
    },
  },
)

/**
 * The thing that a view shows (gevent: monkey.get_original); what is no view is itself.
 *
 * @param view a view that `green` made
 * @returns the thing; say its type, which the view's does not tell
 * @example
 * const view = green(axios)
 * original<typeof axios>(view) === axios // true
 */
export function original<T = unknown>(view: unknown): T {
  return originalOf(view) as T
}

function checkThing<T extends object>(thing: T): T {
  if (!isObject(thing)) throw wrongType('thing', 'an object or a function', thing)
  return thing
}
