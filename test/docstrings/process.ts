/** What the examples of process' docstrings use without declaring it. */
import type { Coroutine } from '@greenlit/core'
import type {
  Connection,
  DictProxy,
  Manager,
  Pool,
  PoolResult,
  Popen,
  Process,
  Queue,
  Target,
  Value,
} from '@greenlit/process'
import type { Executor, Future } from '@greenlit/process/futures'

export declare class Point {
  x: number
  y: number
  constructor(x: number, y: number)
}

export declare const bytes: Uint8Array
export declare const error: unknown
export declare const executor: Executor
export declare const first: Connection
export declare const future: Future<number>
export declare const futures: Future<number>[]
export declare const left: Uint8Array<ArrayBuffer>
export declare const manager: Manager
export declare const nodeSocket: import('node:net').Socket
export declare const numbers: number[]
export declare const pixels: Uint8Array
export declare const pool: Pool
export declare const pow: Target
export declare const queue: Queue<unknown>
export declare const result: PoolResult<number>
export declare const right: Uint8Array<ArrayBuffer>
export declare const scores: DictProxy<string, number>
export declare const second: Connection
export declare const sorter: Popen
export declare const target: Target
export declare const urls: string[]
export declare const value: Value<'i'>
export declare const work: Target
export declare const worker: Process

export declare function main(): Promise<void>
export declare function prepare(): Coroutine<boolean>
export declare function serve(handle: unknown): Coroutine<void>
