import type { X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]*-----END \1-----/g

/** Parses a certificate, as PEM or DER. Node's large crypto module is loaded only now, as with `nodeTls`. */
export function certificateOf(source: Buffer | string): X509Certificate {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  return new X509Certificate(source)
}

/** Parses the certificates in PEM files and drops duplicates. */
export function certificatesIn(sources: readonly Buffer[]): X509Certificate[] {
  const found = new Map<string, X509Certificate>()
  for (const source of sources) {
    for (const [block] of source.toString('latin1').matchAll(BLOCK)) {
      const certificate = certificateOf(block)
      found.set(certificate.fingerprint512, certificate)
    }
  }
  return [...found.values()]
}
