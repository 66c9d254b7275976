import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { show } from '@greenlit/core/engine'
import { fromNode } from '../errors/make.ts'
import { SSLError } from '../errors/ssl-error.ts'
import { certificatesIn } from './certificates.ts'

/** The path or the contents of a PEM file. */
export type PemSource = string | Uint8Array

/** Reads a PEM file. A string that contains '-----BEGIN' is taken as the contents themselves. */
export function readPem(source: unknown, name: string): Buffer {
  if (source instanceof Uint8Array) return Buffer.from(source)
  if (typeof source !== 'string') {
    throw new TypeError(`Expected \`${name}\` to be a path or the contents of a PEM file, got ${show(source)}`)
  }
  if (source.includes('-----BEGIN ')) return Buffer.from(source)
  try {
    return readFileSync(source)
  } catch (error) {
    throw fromNode(error)
  }
}

/** Returns certificates as PEM. Bytes may also be DER, one certificate after the other. */
export function readCertificates(source: unknown, name: string): Buffer {
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) {
    throw new TypeError(`Expected \`${name}\` to be certificates as PEM or DER, got ${show(source)}`)
  }
  const bytes = Buffer.from(source as string)
  const pem = typeof source === 'string' || bytes.includes('-----BEGIN ') ? bytes : Buffer.from(derToPem(bytes))
  if (holdsCertificates(pem, name)) return pem
  throw new SSLError('NO_START_LINE', `${name} does not contain a certificate`, { reason: 'no start line' })
}

/** Reads a file that must hold at least one certificate. */
export function readAuthorities(source: unknown, name: string): Buffer {
  const contents = readPem(source, name)
  if (holdsCertificates(contents, name)) return contents
  throw new SSLError('NO_CERTIFICATE', `${name} does not contain a certificate`, {
    reason: 'no certificate or crl found',
  })
}

/** Whether there are certificates in PEM. Throws {SSLError} if one of them is malformed: Node ignores those. */
function holdsCertificates(pem: Buffer, name: string): boolean {
  try {
    return certificatesIn([pem]).length > 0
  } catch (error) {
    throw new SSLError('BAD_CERTIFICATE', `${name} holds a malformed certificate`, {
      cause: error,
      reason: 'bad base64 decode',
    })
  }
}

/** Converts concatenated DER certificates to PEM; returns '' if the bytes are anything else. */
function derToPem(bytes: Buffer): string {
  let pem = ''
  for (let rest = bytes; rest.length > 0; ) {
    const size = sequenceSize(rest)
    if (size === 0 || size > rest.length) return ''
    pem += certificatePem(rest.subarray(0, size))
    rest = rest.subarray(size)
  }
  return pem
}

/** The length of a DER sequence including its header (X.690 8.1.3), or 0 if the bytes are no sequence. */
function sequenceSize(bytes: Buffer): number {
  if (bytes.length < 2 || bytes[0] !== 0x30) return 0
  const first = bytes[1]!
  if (first < 0x80) return 2 + first
  const count = first - 0x80
  return count < 1 || count > 4 || bytes.length < 2 + count ? 0 : 2 + count + bytes.readUIntBE(2, count)
}

/** Encodes a DER certificate as PEM. */
export function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** Reads the files in a directory that contain certificates. */
export function readPemFolder(folder: unknown, name: string): Buffer[] {
  if (typeof folder !== 'string') throw new TypeError(`Expected \`${name}\` to be a path, got ${show(folder)}`)
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => readFileSync(join(folder, entry.name)))
      .filter((contents) => contents.includes('-----BEGIN CERTIFICATE-----'))
  } catch (error) {
    throw fromNode(error)
  }
}
