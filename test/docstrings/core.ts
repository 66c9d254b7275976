/** What the examples of core's docstrings use without declaring it. */
import type { Barrier, ContextVar, Coroutine, Event, Greenlet, Pool, Queue } from '@greenlit/core'

export type { Socket } from 'node:net'

export interface Job {
  priority: number
  name: string
}

export declare const axios: { get(url: string): Promise<string> }
export declare const barrier: Barrier
export declare const bound: number | undefined
export declare const buffer: Uint8Array
export declare const cache: Map<string, string>
export declare const configuration: object | undefined
export declare const connection: { rollback(): Coroutine<void> }
export declare const event: Event
export declare const gauge: { set(value: number): void }
export declare const greenlets: Greenlet<number>[]
export declare const item: number
export declare const items: number[]
export declare const ordinary: Queue<number>
export declare const path: string
export declare const pool: Pool
export declare const queue: Queue<unknown>
export declare const request: object
export declare const requestId: ContextVar<number>
export declare const server: import('node:net').Server & { serveForever(): Coroutine<void> }
export declare const size: number
export declare const sock: { sendall(data: unknown): Coroutine<void> }
export declare const text: string
export declare const urgent: Queue<number>
export declare const url: string
export declare const urls: string[]
export declare const worker: Greenlet<number>
export declare const workers: Greenlet<number>[]

export declare function beforeEach(fn: () => void): void
export declare function compressOldLogs(): void
export declare function connect(): Coroutine<void>
export declare function crawl(url: string): Coroutine<string>
export declare function createReadStream(path: string): AsyncIterable<Uint8Array>
export declare function drop(item: unknown): void
export declare function fetchAll(urls: string[]): Coroutine<string[]>
export declare function fetchPage(url: string): Coroutine<string>
export declare function fetchSize(url: string): Coroutine<number>
export declare function flush(buffer: Uint8Array): void
export declare function handle(item: unknown): Coroutine<void>
export declare function listen(): Coroutine<void>
export declare function log(line: string): void
export declare function onTestFinished(fn: () => unknown): void
export declare function poll(options: { every: number }): Coroutine<void>
export declare function refuse(greenlet: Greenlet): void
export declare function reloadConfiguration(): Coroutine<void>
export declare function remind(of: string): void
export declare function report(error: unknown): void
export declare function runTheTest(): Promise<void>
export declare function serve(): Coroutine<void>
export declare function start(done: (error?: unknown, value?: string) => void): { abort(): void }
export declare function store(page: string): Coroutine<void>
export declare function testAll(): Coroutine<void>
export declare function work(): Coroutine<void>
