// The default export, as webpack imports each name that is taken of a namespace, and not every Node has this one.
import net from 'node:net'

/** Node 24's synchronous bind: an address that is taken before it is known what for. */
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

/** The class, where Node has it and it can bind paths too. */
export const BoundSocket: BoundSocketClass | undefined =
  typeof found === 'function' && 'isPipe' in found.prototype ? found : undefined
