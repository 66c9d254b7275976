import { inspect } from 'node:util'
import type { Address } from '../address/address.ts'

const LINE = '-'.repeat(40)

/** Prints the error of a request in the format of Python's handle_error. */
export function printRequestError(clientAddress: Address, error: unknown): void {
  // Unlike `stack`, it includes the causes; unlike `String`, it never throws, which would end the server.
  const description = typeof error === 'string' ? error : inspect(error)
  process.stderr.write(
    `${LINE}\nException occurred during processing of request from ${showAddress(clientAddress)}\n${description}\n${LINE}\n`,
  )
}

function showAddress(address: Address): string {
  if (typeof address === 'string' || address === undefined) return address ?? ''
  return `(${address.map((part) => (typeof part === 'string' ? `'${part}'` : String(part))).join(', ')})`
}
