import { show } from '@greenlit/core/engine'

/** Checks a text that must be given. */
export function checkString(value: unknown, name: string): void {
  if (typeof value !== 'string') throw new TypeError(`Expected \`${name}\` to be a string, got ${show(value)}`)
}

/** Checks bytes that must be given. */
export function checkBytes(value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`Expected \`bytes\` to be a Uint8Array, got ${show(value)}`)
}

/** Checks a URL that must be given, parsed. */
export function checkUrl(value: unknown): void {
  if (!(value instanceof URL)) throw new TypeError(`Expected \`url\` to be a URL object, got ${show(value)}`)
}

/** Checks a session that may be left out. */
export function checkSession<S extends { request: unknown }>(session: S | undefined | null): S | undefined {
  if (session === undefined || session === null) return undefined
  if (typeof session.request === 'function') return session
  throw new TypeError(`Expected \`session\` to be a Session, got ${show(session)}`)
}
