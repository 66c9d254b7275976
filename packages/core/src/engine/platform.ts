/** What is used of Node's `process`; other platforms may lack any of it. */
export interface Platform {
  exitCode?: unknown
  readonly stdin?: NodeJS.ReadStream
  readonly stdout?: NodeJS.WriteStream
  readonly stderr?: NodeJS.WriteStream
  readonly channel?: unknown
  getActiveResourcesInfo?(): string[]
  getBuiltinModule?(name: 'node:async_hooks'): unknown
  getBuiltinModule?(name: 'node:os'): { readonly constants: { readonly signals: Record<string, number> } }
  getBuiltinModule?(name: 'node:worker_threads'): { readonly isMainThread?: boolean } | undefined
  on?(event: string, listener: () => void): unknown
  off?(event: string, listener: () => void): unknown
}

/** What is used of Deno's own internals. */
interface DenoPlatform {
  readonly internal: symbol
  readonly [internal: symbol]: { readonly core?: { getAsyncContext?(): unknown } } | undefined
}

interface Globals {
  readonly process?: Platform
  readonly Deno?: DenoPlatform
}

export const { process: platform, Deno: deno } = globalThis as Globals
