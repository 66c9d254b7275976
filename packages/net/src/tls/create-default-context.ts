import { checkOptions, show } from '@greenlit/core/engine'
import { PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, Purpose } from './constants.ts'
import { SSLContext } from './ssl-context.ts'
import type { VerifyLocations } from './verify-locations.ts'

/** What a context is for and which certificates it trusts. */
export interface DefaultContextOptions extends VerifyLocations {
  /** `Purpose.SERVER_AUTH` (default) for clients, `Purpose.CLIENT_AUTH` for servers. */
  purpose?: 'SERVER_AUTH' | 'CLIENT_AUTH' | undefined
}

/**
 * Creates a context with secure defaults (Python: ssl.create_default_context). A client's context checks host names and trusts the
 * given certificates, or else the authorities bundled with Node. A server's context requests no client certificate until its
 * `verifyMode` is set.
 *
 * @param purpose `Purpose.SERVER_AUTH` (default) or `Purpose.CLIENT_AUTH`, or the options
 * @param options see `VerifyLocations`
 * @throws {RangeError} for any other purpose; the errors of `SSLContext.loadVerifyLocations`
 * @example
 * const context = createDefaultContext({ cafile: 'authority.crt' })
 */
export function createDefaultContext(
  purpose: 'SERVER_AUTH' | 'CLIENT_AUTH' | DefaultContextOptions = Purpose.SERVER_AUTH,
  options?: VerifyLocations,
): SSLContext {
  const given: DefaultContextOptions =
    typeof purpose === 'object' ? checkOptions(purpose) : { ...checkOptions(options), purpose }
  const use = given.purpose ?? Purpose.SERVER_AUTH
  if (use !== Purpose.SERVER_AUTH && use !== Purpose.CLIENT_AUTH) {
    throw new RangeError(`Expected \`purpose\` to be one of Purpose, got ${show(use)}`)
  }
  const isClient = use === Purpose.SERVER_AUTH
  const context = new SSLContext(isClient ? PROTOCOL_TLS_CLIENT : PROTOCOL_TLS_SERVER)
  const { cafile, capath, cadata } = given
  if (cafile !== undefined || capath !== undefined || cadata !== undefined) context.loadVerifyLocations(given)
  else if (isClient) context.loadDefaultCerts()
  return context
}
