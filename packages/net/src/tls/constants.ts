/** How a peer's certificate counts. */
/** It is not asked for, or not looked at. */
export const CERT_NONE = 0
/** It may be missing; one that is there must be good. */
export const CERT_OPTIONAL = 1
/** It must be there and be good. */
export const CERT_REQUIRED = 2

/** A CERT_* constant. */
export type VerifyMode = typeof CERT_NONE | typeof CERT_OPTIONAL | typeof CERT_REQUIRED

/** A context for clients: certificates are verified and hosts checked. */
export const PROTOCOL_TLS_CLIENT = 16
/** A context for servers: no certificate is asked for. */
export const PROTOCOL_TLS_SERVER = 17

/** What a context is for (Python: ssl.Purpose). */
export const Purpose: { readonly SERVER_AUTH: 'SERVER_AUTH'; readonly CLIENT_AUTH: 'CLIENT_AUTH' } = {
  /** For clients, which authenticate servers. */
  SERVER_AUTH: 'SERVER_AUTH',
  /** For servers, which may authenticate clients. */
  CLIENT_AUTH: 'CLIENT_AUTH',
}

/** The versions of TLS that there are (Python: ssl.TLSVersion). */
export const TLSVersion: { readonly TLSv1_2: 'TLSv1.2'; readonly TLSv1_3: 'TLSv1.3' } = {
  TLSv1_2: 'TLSv1.2',
  TLSv1_3: 'TLSv1.3',
}

/** 'TLSv1.2' or 'TLSv1.3'. */
export type TLSVersionName = 'TLSv1.2' | 'TLSv1.3'
