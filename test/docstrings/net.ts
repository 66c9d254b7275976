/** What the examples of net's docstrings use without declaring it. */
import type { Coroutine, Pool, Queue, Watcher } from '@greenlit/core'
import { DatagramRequestHandler, type Socket, type SSLSocket, StreamRequestHandler } from '@greenlit/net'

export * as fs from 'node:fs'
export * as net from 'node:net'

export declare const address: [string, number]
export declare const client: Socket
export declare const clients: Socket[]
export declare const netSocket: import('node:net').Socket
export declare const pool: Pool
export declare const queue: Queue<unknown>
export declare const secure: SSLSocket
export declare const server: Socket
export declare const settings: object
export declare const sock: Socket
export declare const watcher: Watcher

export declare class Echo extends StreamRequestHandler {}
export declare class Upper extends DatagramRequestHandler {}
export declare class Handler extends StreamRequestHandler {
  constructor(...given: unknown[])
}

export declare function acceptOne(): Coroutine<void>
export declare function handle(fd: unknown, event: number): void
export declare function retry(): void
export declare function serve(client: Socket): Coroutine<void>
