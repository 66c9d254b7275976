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

export const platform = (globalThis as { process?: Platform }).process
