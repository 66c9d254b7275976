// The default export: from a namespace import webpack imports each name used, and not every version of Node has `BoundSocket`.
import net from 'node:net'

/** Node 24's synchronous bind: an address bound before it is known whether it will listen or connect. */
export interface BoundSocket {
  address(): { address: string; port: number } | string
  fd(): number
  close(): void
}

interface BoundSocketClass {
  new (options: { host?: string; port?: number; path?: string; ipv6Only?: boolean; reusePort?: boolean }): BoundSocket
  readonly prototype: object
}

const found = (net as { BoundSocket?: BoundSocketClass }).BoundSocket

/** The class, if Node has it and it can also bind paths. */
export const BoundSocket: BoundSocketClass | undefined =
  typeof found === 'function' && 'isPipe' in found.prototype ? found : undefined
