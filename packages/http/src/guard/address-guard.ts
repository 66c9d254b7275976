import type { LookupFunction } from 'node:net'

/** Decides which addresses may be connected to. See `PublicAddressGuard`. */
export interface AddressGuard {
  /**
   * Called with each URL before it is requested, redirects included. A host that is an IP address is never looked up, so a forbidden
   * one must be refused here.
   *
   * @throws {AddressForbidden}
   */
  check(url: URL): void
  /** Resolves names to allowed addresses; the connection goes to one of them and nowhere else. */
  readonly lookup: LookupFunction
  /**
   * Wraps the `lookup` option of a request or session so that its answers are checked like those of `lookup` above. Default: each
   * address in an answer is passed to `check` as the host of a URL.
   */
  vet?(lookup: LookupFunction): LookupFunction
  /** Whether `lookup` asks the system resolver; if so, the session's `lookup`, if any, is used instead. Default false. */
  readonly usesSystem?: boolean
}
