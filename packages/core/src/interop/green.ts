import { wrongType } from '../engine/check.ts'
import type { GreenCallback } from './green-callback-types.ts'
import type { Green } from './green-types.ts'
import { originalOf } from './view/originals.ts'
import { isObject } from './view/values.ts'
import { Views } from './view/views.ts'

const promiseViews = /* @__PURE__ */ new Views(false)
const callbackViews = /* @__PURE__ */ new Views(true)

/**
 * Returns a cooperative view of a module, client, class, object or function, in place of gevent's monkey patching. Nothing is
 * changed or copied: the view is a proxy that passes everything on and wraps what comes back.
 *
 * - A function that returns a promise returns an operation. An async function is called when that operation is used, any other
 *   function at once.
 * - Synchronous functions, getters, symbols and data stay as they are; `this` is the original object, so private fields work.
 * - Classes stay classes, with `new`, `instanceof` and static members. To extend one, extend the original.
 * - Objects with methods become views in turn, created on first access, one for each.
 * - An `EventEmitter` or `EventTarget` gets a blocking `once(event)`, a readable stream a `read(size?)` that waits (`undefined`
 *   at the end), anything that is async iterable an `iterate()` for `each`.
 * - A kill or a timeout aborts the call if it takes an `AbortSignal`: in options with a `signal`, in a parameter from which the
 *   function's source reads one, in an object literal passed for options that the function spreads or makes a request with, in
 *   axios, undici and `fetch`. Otherwise the work goes on and its outcome is ignored.
 *
 * The view of a view is itself, and `green(x) === green(x)`. Generic functions lose their type parameters, unless these only
 * determine what the promise is of.
 *
 * @param thing an object or a function
 * @returns its view; `original(view)` returns the thing itself
 * @throws {TypeError} at once, if `thing` is neither
 * @example
 * import * as files from 'node:fs/promises'
 * const fs = green(files)
 * const text = yield* fs.readFile(path, 'utf8')
 */
export const green = /* @__PURE__ */ Object.assign(
  function green<T extends object>(thing: T): Green<T> {
    return promiseViews.of(checkThing(thing)) as Green<T>
  },
  {
    /**
     * Returns a view like that of `green`, of something whose functions take a callback as their last argument: they return an
     * operation instead. Functions that take no callback stay as they are: those whose name ends in 'Sync' or is one of an
     * emitter's or a stream's, and those whose last parameter is for options, an encoding or a listener. `util.promisify.custom`
     * is respected. If a callback gets several values, the operation returns them as an array.
     *
     * @param thing an object or a function
     * @throws {TypeError} at once, if `thing` is neither
     * @example
     * import * as zlib from 'node:zlib'
     * const packed = yield* green.callback(zlib).gzip(text)
     */
    callback<T extends object>(thing: T): GreenCallback<T> {
      return callbackViews.of(checkThing(thing)) as GreenCallback<T>
    },
  },
)

/**
 * Returns the thing behind a view (gevent: monkey.get_original); anything that is not a view is returned as it is.
 *
 * @param view a view made by `green`
 * @returns the thing; state its type, which the view's type does not reveal
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
