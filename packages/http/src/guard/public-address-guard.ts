import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { checkOptions } from '@greenlit/core/engine'
import { carefulLookup } from '../engine/careful-lookup.ts'
import { AddressForbidden } from '../errors/address-forbidden.ts'
import { parsedUrl } from '../url/parsed-url.ts'
import type { AddressGuard } from './address-guard.ts'
import { AllowList } from './allow-list.ts'
import { isPublicAddress } from './public-address.ts'
import { answerWith } from './vetted-lookup.ts'

/** How many verdicts a guard caches: a crawl connects to the same few addresses again and again. */
const MAX_CACHED = 1000

/** The options of a `PublicAddressGuard`. */
export interface PublicAddressGuardOptions {
  /** Exceptions that are allowed although they are not public: addresses, networks such as '10.0.0.0/8', or host names. */
  readonly allow?: Iterable<string> | undefined
  /** Resolves names. Default: the system resolver. */
  readonly lookup?: LookupFunction | undefined
}

/**
 * Restricts requests to the public internet, so that a page, a redirect or a host name cannot lead a crawler into its own network
 * (server-side request forgery). IP addresses in URLs are checked directly. A name's addresses are checked when it is resolved, and
 * the connection goes to one of those checked, so that a different second answer of the name server (DNS rebinding) has no effect.
 *
 * With a proxy only IP addresses in URLs can be checked: the proxy resolves the names and connects.
 *
 * @example
 * const session = new Session({ guard: new PublicAddressGuard({ allow: ['10.1.0.0/16', 'wiki.internal'] }) })
 */
export class PublicAddressGuard implements AddressGuard {
  private readonly allowed: AllowList
  private readonly verdicts = new Map<string, boolean>()

  /** Resolves a name like `dns.lookup`, to its allowed addresses; fails with `AddressForbidden` if none is allowed. */
  readonly lookup: LookupFunction
  /** Whether no `lookup` was given, so that a session's `lookup` is used in place of the system resolver. */
  readonly usesSystem: boolean

  /** @throws {TypeError} or {RangeError} for an invalid entry in `allow` */
  constructor(options?: PublicAddressGuardOptions) {
    const { allow, lookup } = checkOptions(options)
    this.allowed = new AllowList(allow ?? [])
    this.usesSystem = lookup === undefined || lookup === null
    this.lookup = this.vet(lookup ?? (systemLookup as LookupFunction))
  }

  /** Whether an address may be connected to. */
  allows(address: string): boolean {
    let allowed = this.verdicts.get(address)
    if (allowed === undefined) {
      allowed = isPublicAddress(address) || this.allowed.hasAddress(address)
      if (this.verdicts.size === MAX_CACHED) this.verdicts.clear()
      this.verdicts.set(address, allowed)
    }
    return allowed
  }

  /**
   * Checks the host of a URL, if it is an IP address.
   *
   * @throws {AddressForbidden} if it may not be connected to
   */
  check(url: string | URL): void {
    const { hostname } = parsedUrl(url)
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) !== 0 && !this.allows(host)) throw forbidden(hostname, [host])
  }

  /** Wraps a lookup function so that it returns only allowed addresses. */
  vet(lookup: LookupFunction): LookupFunction {
    const resolve = carefulLookup(lookup, refusal)
    return (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, answer) => {
        if (error) return callback(error, [])
        const found = answer as LookupAddress[]
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

function refusal(message: string): AddressForbidden {
  return new AddressForbidden(message)
}

function forbidden(host: string, addresses: readonly string[]): AddressForbidden {
  const isLiteral = addresses[0] === host.replace(/^\[(.*)\]$/, '$1')
  const what = isLiteral ? 'is' : `leads to ${addresses.join(', ')}, which is`
  return new AddressForbidden(`${host} ${what} no address of the public internet, and \`allow\` does not list it`)
}
