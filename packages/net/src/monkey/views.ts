import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import net from 'node:net'
import readline from 'node:readline'
import stream from 'node:stream'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { type Coroutine, type Green, type GreenCallback, green, type Operation, sleep } from '@greenlit/core'
import { Call, show } from '@greenlit/core/engine'
import { AF_INET, AF_INET6, SOCK_DGRAM } from '../constants.ts'
import { type Socket, socket } from '../socket/socket.ts'
import { type NetView, netView, type TlsView, tlsView } from './connections.ts'
import { type HttpsView, type HttpView, httpsView, httpView } from './http-view.ts'
import { http, https } from './node-http.ts'
import { type Overlay, overlay } from './overlay.ts'

/** Node's own modules, by their names. */
export const ORIGINALS = {
  child_process: childProcess,
  dgram,
  dns,
  fs,
  http,
  https,
  net,
  readline,
  stream,
  timers,
  tls,
} as const

/** The modules that have a view. */
export type ModuleName = keyof typeof ORIGINALS

/** `node:dgram`, whose `createSocket` returns a cooperative datagram socket. */
export interface DgramView {
  /** @param type 'udp4' or 'udp6', or options that contain it */
  createSocket(type: 'udp4' | 'udp6' | { readonly type: 'udp4' | 'udp6' }): Socket
}

/** `node:timers`, whose functions block the greenlet instead of taking a callback. */
export interface BlockingTimers {
  /** Waits, then returns the value. A kill or timeout ends the wait. */
  setTimeout<T = undefined>(milliseconds?: number, value?: T): Operation<T>
  /** Lets every other ready greenlet run, then returns the value. */
  setImmediate<T = undefined>(value?: T): Operation<T>
  /** The view of `node:timers/promises`. */
  readonly promises: Green<typeof timersPromises>
}

/** The views by module name. */
export interface Views {
  readonly child_process: Overlay<
    Green<typeof childProcess>,
    {
      readonly exec: Green<typeof childProcess.exec.__promisify__>
      readonly execFile: Green<typeof childProcess.execFile.__promisify__>
    }
  >
  readonly dgram: Overlay<Green<typeof dgram>, DgramView>
  readonly dns: Overlay<Green<typeof dns>, Green<typeof dns.promises>>
  readonly fs: Overlay<
    GreenCallback<typeof fs>,
    { readonly promises: Green<typeof fs.promises>; readonly exists: Green<typeof fs.exists.__promisify__> }
  >
  readonly http: HttpView
  readonly https: HttpsView
  readonly net: NetView
  readonly readline: Overlay<Green<typeof readline>, Green<typeof readline.promises>>
  readonly stream: Overlay<Green<typeof stream>, Pick<Green<typeof stream.promises>, 'finished' | 'pipeline'>>
  readonly timers: Overlay<Green<typeof timersPromises>, BlockingTimers>
  readonly tls: TlsView
}

const exec = green(promisify(childProcess.exec))
const execFile = green(promisify(childProcess.execFile))

/** Creates each module's view. */
export const VIEW_FACTORIES: { readonly [K in ModuleName]: () => Views[K] } = {
  child_process: () => overlay(green(childProcess), { exec: cancellable(exec), execFile: cancellable(execFile) }),
  dgram: () => overlay(green(dgram), { createSocket }),
  dns: () => overlay(green(dns), green(dns.promises)),
  fs: () => overlay(green.callback(fs), { promises: green(fs.promises), exists: green(promisify(fs.exists)) }),
  http: httpView,
  https: httpsView,
  net: netView,
  readline: () => overlay(green(readline), green(readline.promises)),
  stream() {
    const { finished, pipeline } = green(stream.promises)
    return overlay(green(stream), { finished: cancellable(finished), pipeline: cancellable(pipeline) })
  },
  timers: () =>
    overlay(green(timersPromises), {
      setTimeout: waitFor,
      setImmediate: yieldToOthers,
      promises: green(timersPromises),
    }),
  tls: tlsView,
}

/**
 * Makes a kill abort a function whose last argument is an options object that may have a `signal`: `green` passes its signal only in
 * options that have this key, so one is added.
 */
function cancellable<F extends object>(fn: F): F {
  const call = (...args: unknown[]): unknown => {
    while (args.length > 0 && args.at(-1) === undefined) args.pop()
    const options = isPlain(args.at(-1)) ? (args.pop() as object) : {}
    return Reflect.apply(fn as () => unknown, undefined, [...args, { signal: undefined, ...options }])
  }
  return call as unknown as F
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function createSocket(type: 'udp4' | 'udp6' | { readonly type: 'udp4' | 'udp6' }): Socket {
  const name: unknown = typeof type === 'object' && type !== null ? type.type : type
  if (name !== 'udp4' && name !== 'udp6')
    throw new TypeError(`Expected \`type\` to be 'udp4' or 'udp6', got ${show(name)}`)
  return socket(name === 'udp4' ? AF_INET : AF_INET6, SOCK_DGRAM)
}

function waitFor<T>(milliseconds = 1, value?: T): Operation<T> {
  // A callback would never be called, without a word: an operation that nobody runs does nothing.
  if (typeof milliseconds !== 'number') {
    throw new TypeError(
      `Expected \`milliseconds\` to be a number, got ${show(milliseconds)}: the view of setTimeout takes no callback`,
    )
  }
  return new Call(sleepAndReturn<T>, [milliseconds, value as T])
}

function yieldToOthers<T>(value?: T): Operation<T> {
  return new Call(sleepAndReturn<T>, [0, value as T])
}

function* sleepAndReturn<T>(milliseconds: number, value: T): Coroutine<T> {
  yield* sleep(milliseconds)
  return value
}
