import { lookup as lookupOfTheSystem } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { checkOptions } from '@greenlit/core/engine'
import { checkUrl } from '../check-given.ts'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import type { AddressGuard } from '../session/options.ts'
import { AllowList } from './allow-list.ts'
import { isPublicAddress } from './public-address.ts'
import { addressesOf, answerWith } from './vetted-lookup.ts'

/** How many answers a guard remembers: a crawl asks for the same few addresses again and again. */
const MOST_KNOWN = 1000

/** What a guard lets through, and how it looks names up. */
export interface PublicAddressGuardOptions {
  /** What may be connected to although it is not public: addresses, networks as '10.0.0.0/8', or host names. */
  readonly allow?: Iterable<string> | undefined
  /** Looks names up. Default: the system. */
  readonly lookup?: LookupFunction | undefined
}

/**
 * Lets requests go to the public internet only, so that a page, a redirect or a name cannot lead a crawler into the network that it
 * runs in (server-side request forgery). Addresses in URLs are checked as such; a name's addresses are checked when it is looked up,
 * and the connection goes to one that was, so that a second answer of the name server makes no difference.
 *
 * Through a proxy only addresses in URLs can be checked: it is the proxy that looks names up and connects.
 *
 * @example
 * const session = new Session({ guard: new PublicAddressGuard({ allow: ['10.1.0.0/16', 'wiki.internal'] }) })
 */
export class PublicAddressGuard implements AddressGuard {
  private readonly allowed: AllowList
  private readonly known = new Map<string, boolean>()

  /** Resolves a name as `dns.lookup` does, to the addresses that may be connected to; fails with `AddressForbidden` if none may. */
  readonly lookup: LookupFunction
  /** Whether no look-up was given, so that a session's own takes the place of the system's. */
  readonly usesSystem: boolean

  /** @throws {TypeError} or {RangeError} for what `allow` cannot hold */
  constructor(options?: PublicAddressGuardOptions) {
    const { allow, lookup } = checkOptions(options)
    this.allowed = new AllowList(allow ?? [])
    this.usesSystem = lookup === undefined || lookup === null
    this.lookup = this.vet(lookup ?? (lookupOfTheSystem as LookupFunction))
  }

  /** Whether an address may be connected to. */
  allows(address: string): boolean {
    let allowed = this.known.get(address)
    if (allowed === undefined) {
      allowed = isPublicAddress(address) || this.allowed.hasAddress(address)
      if (this.known.size === MOST_KNOWN) this.known.clear()
      this.known.set(address, allowed)
    }
    return allowed
  }

  /**
   * Checks the host of a URL, if it is an address.
   *
   * @throws {AddressForbidden} if it may not be connected to
   */
  check(url: URL): void {
    checkUrl(url)
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) !== 0 && !this.allows(host)) throw forbidden(url.hostname, [host])
  }

  /** A look-up that gives what another answers, without the addresses that may not be connected to. */
  vet(lookup: LookupFunction): LookupFunction {
    return (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, answer, family) => {
        if (error) return callback(error, [])
        const found = addressesOf(answer, family)
        const vetted = this.allowed.hasHost(hostname) ? found : found.filter(({ address }) => this.allows(address))
        answerWith(vetted, options.all === true, callback, () =>
          forbidden(
            hostname,
            found.map(({ address }) => address),
          ),
        )
      })
    }
  }
}

function forbidden(host: string, addresses: readonly string[]): AddressForbidden {
  const isLiteral = addresses[0] === host.replace(/^\[(.*)\]$/, '$1')
  const what = isLiteral ? 'is' : `leads to ${addresses.join(', ')}, which is`
  return new AddressForbidden(`${host} ${what} no address of the public internet, and \`allow\` does not list it`)
}
