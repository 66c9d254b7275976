import { show } from '@greenlit/core/engine'

/** Checks a required string argument. */
export function checkString(value: unknown, name: string): void {
  if (typeof value !== 'string') throw new TypeError(`Expected \`${name}\` to be a string, got ${show(value)}`)
}

/** Checks an optional `true` or `false`. An absent value becomes `fallback`. */
export function checkBoolean<Fallback>(value: unknown, name: string, fallback: Fallback): boolean | Fallback {
  if (value === undefined || value === null) return fallback
  if (typeof value === 'boolean') return value
  throw new TypeError(`Expected \`${name}\` to be true or false, got ${show(value)}`)
}

/** Checks the required `bytes` argument. */
export function checkBytes(value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`Expected \`bytes\` to be a Uint8Array, got ${show(value)}`)
}

/** Checks an optional session. */
export function checkSession<S extends { request: unknown }>(session: S | undefined | null): S | undefined {
  if (session === undefined || session === null) return undefined
  if (typeof session.request === 'function') return session
  throw new TypeError(`Expected \`session\` to be a Session, got ${show(session)}`)
}
