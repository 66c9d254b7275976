/** The peer's certificate is not requested, or not verified. */
export const CERT_NONE = 0
/** The peer may send no certificate; one that it sends must be valid. */
export const CERT_OPTIONAL = 1
/** The peer must send a valid certificate. */
export const CERT_REQUIRED = 2

/** A CERT_* constant. */
export type VerifyMode = typeof CERT_NONE | typeof CERT_OPTIONAL | typeof CERT_REQUIRED

/** A context for clients: certificates are verified and host names checked. */
export const PROTOCOL_TLS_CLIENT = 16
/** A context for servers: clients are not asked for a certificate. */
export const PROTOCOL_TLS_SERVER = 17

/**
 * What a context is for (Python: ssl.Purpose).
 *
 * @example
 * const context = createDefaultContext(Purpose.CLIENT_AUTH) // for a server
 */
export const Purpose: { readonly SERVER_AUTH: 'SERVER_AUTH'; readonly CLIENT_AUTH: 'CLIENT_AUTH' } = {
  /** For clients, which authenticate servers. */
  SERVER_AUTH: 'SERVER_AUTH',
  /** For servers, which may authenticate clients. */
  CLIENT_AUTH: 'CLIENT_AUTH',
}

/**
 * The versions of TLS (Python: ssl.TLSVersion).
 *
 * @example
 * const context = createDefaultContext()
 * context.minimumVersion = TLSVersion.TLSv1_3
 */
export const TLSVersion: {
  readonly MINIMUM_SUPPORTED: 'TLSv1'
  readonly TLSv1: 'TLSv1'
  readonly TLSv1_1: 'TLSv1.1'
  readonly TLSv1_2: 'TLSv1.2'
  readonly TLSv1_3: 'TLSv1.3'
  readonly MAXIMUM_SUPPORTED: 'TLSv1.3'
} = {
  MINIMUM_SUPPORTED: 'TLSv1',
  /** Works only with ciphers of a low security level, such as 'DEFAULT@SECLEVEL=0'. */
  TLSv1: 'TLSv1',
  /** Works only with ciphers of a low security level, as TLSv1 does. */
  TLSv1_1: 'TLSv1.1',
  TLSv1_2: 'TLSv1.2',
  TLSv1_3: 'TLSv1.3',
  MAXIMUM_SUPPORTED: 'TLSv1.3',
}

/** A version of TLS. */
export type TLSVersionName = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** Workarounds for other implementations; always on. */
export const OP_ALL = 0x850
/** No effect: OpenSSL no longer supports SSL 2. */
export const OP_NO_SSLv2 = 0
/** Always on. */
export const OP_NO_SSLv3 = 0x2000000
/** Refuses TLS 1.0. */
export const OP_NO_TLSv1 = 0x4000000
/** Refuses TLS 1.1. */
export const OP_NO_TLSv1_1 = 0x10000000
/** Refuses TLS 1.2. */
export const OP_NO_TLSv1_2 = 0x8000000
/** Refuses TLS 1.3. */
export const OP_NO_TLSv1_3 = 0x20000000
/** Always on. */
export const OP_NO_COMPRESSION = 0x20000
/** Refuses renegotiation within a TLS 1.2 connection. */
export const OP_NO_RENEGOTIATION = 0x40000000
/** Issues no session tickets. */
export const OP_NO_TICKET = 0x4000
/** The server's cipher order takes precedence; always on. */
export const OP_CIPHER_SERVER_PREFERENCE = 0x400000
/** No effect: always on. */
export const OP_SINGLE_DH_USE = 0
/** No effect: always on. */
export const OP_SINGLE_ECDH_USE = 0
