import { show } from '@greenlit/core/engine'

/** Checks a text that must be given. */
export function checkString(value: unknown, name: string): void {
  if (typeof value !== 'string') throw new TypeError(`Expected \`${name}\` to be a string, got ${show(value)}`)
}

/** Checks bytes that must be given. */
export function checkBytes(value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`Expected \`bytes\` to be a Uint8Array, got ${show(value)}`)
}
