import type { X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]*-----END \1-----/g

/** Parses the certificates in PEM files and drops duplicates. */
export function certificatesIn(sources: readonly Buffer[]): X509Certificate[] {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  const found = new Map<string, X509Certificate>()
  for (const source of sources) {
    for (const [block] of source.toString('latin1').matchAll(BLOCK)) {
      const certificate = new X509Certificate(block)
      found.set(certificate.fingerprint512, certificate)
    }
  }
  return [...found.values()]
}
