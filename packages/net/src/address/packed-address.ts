import { isIPv4, isIPv6 } from 'node:net'
import { show } from '@greenlit/core/engine'
import { AF_INET, AF_INET6 } from '../constants.ts'
import { osError } from '../errors/make.ts'
import { checkFamily } from './family.ts'

/**
 * Converts an address from text to its 4 or 16 bytes (Python: socket.inet_pton).
 *
 * @param family AF_INET or AF_INET6
 * @param address a numeric address, such as '127.0.0.1' or '::1'
 * @throws {OSError} EINVAL if `address` is malformed; EAFNOSUPPORT for any other family
 * @example
 * inetPton(AF_INET, '127.0.0.1') // <Buffer 7f 00 00 01>
 */
export function inetPton(family: number, address: string): Buffer {
  const six = isIPv6Family(family)
  if (typeof address !== 'string')
    throw new TypeError(`inetPton(): expected \`address\` to be a string, got ${show(address)}`)
  if (!(six ? isIPv6(address) && !address.includes('%') : isIPv4(address)))
    throw osError('EINVAL', 'illegal IP address string passed to inet_pton')
  if (!six) return Buffer.from(address.split('.').map(Number))
  // The last four bytes may be written as an IPv4 address.
  const hex = address.replace(/\d+\.\d+\.\d+\.\d+$/, (four) => {
    const [a, b, c, d] = four.split('.').map(Number) as [number, number, number, number]
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [head = [], tail = []] = hex.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const groups = [...head, ...new Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  const bytes = Buffer.alloc(16)
  groups.forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  })
  return bytes
}

/**
 * Converts the 4 or 16 bytes of an address to text (Python: socket.inet_ntop).
 *
 * @param family AF_INET or AF_INET6
 * @param packed the bytes of the address
 * @throws {TypeError} if `packed` is not bytes; {RangeError} for the wrong number of them; {OSError} EAFNOSUPPORT for any other family
 * @example
 * inetNtop(AF_INET6, inetPton(AF_INET6, '0:0::1')) // '::1'
 */
export function inetNtop(family: number, packed: Uint8Array): string {
  const size = isIPv6Family(family) ? 16 : 4
  if (!(packed instanceof Uint8Array))
    throw new TypeError(`inetNtop(): expected \`packed\` to be bytes, got ${show(packed)}`)
  if (packed.length !== size)
    throw new RangeError(`inetNtop(): expected \`packed\` to be ${size} bytes, got ${show(packed)}`)
  if (size === 4) return packed.join('.')
  const view = new DataView(packed.buffer, packed.byteOffset, 16)
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16))
  const mapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
  if (mapped) return `::ffff:${packed.subarray(12).join('.')}`
  const compatible = groups.slice(0, 6).every((group) => group === '0') && groups[6] !== '0'
  if (compatible) return `::${packed.subarray(12).join('.')}`
  // RFC 5952: the longest run of at least two zero groups becomes '::'; of several equally long ones, the first.
  const text = groups.join(':')
  let [start, end] = [0, 0]
  for (const run of text.matchAll(/\b0(?::0)+\b/g)) {
    if (run[0].length > end - start) [start, end] = [run.index, run.index + run[0].length]
  }
  if (end === 0) return text
  return `${text.slice(0, start).replace(/:$/, '')}::${text.slice(end).replace(/^:/, '')}`
}

/**
 * Converts an IPv4 address to its 4 bytes; short forms such as '127.1' are accepted (Python: socket.inet_aton). Throws {OSError}
 * EINVAL if the address is malformed.
 *
 * @example
 * inetAton('127.1') // <Buffer 7f 00 00 01>
 */
export function inetAton(address: string): Buffer {
  if (typeof address !== 'string')
    throw new TypeError(`inetAton(): expected \`address\` to be a string, got ${show(address)}`)
  const packed = parseIPv4(address)
  if (packed === undefined) throw osError('EINVAL', 'illegal IP address string passed to inet_aton')
  return packed
}

/** Returns the 4 bytes of an IPv4 address, which may be in a short form, or `undefined` if the text is not one. */
export function parseIPv4(address: string): Buffer | undefined {
  const parts = address.split('.').map(parseCNumber)
  const last = parts.pop()!
  const room = 4 - parts.length
  const fits = parts.every((part) => part < 256)
  if (!fits || room < 1 || !(last < 256 ** room)) return undefined
  const bytes = Buffer.from([...parts, 0, 0, 0, 0]).subarray(0, 4)
  bytes.writeUIntBE(last, 4 - room, room)
  return bytes
}

/** Parses a number as C does: octal after 0, hexadecimal after 0x. Returns NaN if it is not a number. */
function parseCNumber(text: string): number {
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8)
  return /^([1-9]\d*|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN
}

/**
 * Converts the 4 bytes of an IPv4 address to text (Python: socket.inet_ntoa). Throws {OSError} EINVAL for the wrong number of bytes.
 *
 * @example
 * inetNtoa(Uint8Array.of(127, 0, 0, 1)) // '127.0.0.1'
 */
export function inetNtoa(packed: Uint8Array): string {
  if (packed instanceof Uint8Array && packed.length !== 4)
    throw osError('EINVAL', 'packed IP wrong length for inet_ntoa')
  return inetNtop(AF_INET, packed)
}

function isIPv6Family(family: number): boolean {
  const checked = checkFamily(family)
  if (checked !== AF_INET && checked !== AF_INET6) throw osError('EAFNOSUPPORT')
  return checked === AF_INET6
}
