import { type PemSource, readAuthorities, readCertificates, readPemFolder } from './pem.ts'

/** Where to load trusted certificates from. */
export interface VerifyLocations {
  /** A PEM file of certificates, or its contents. */
  cafile?: PemSource | undefined
  /** A directory of such files. */
  capath?: string | undefined
  /** The certificates themselves: PEM, or DER as bytes. */
  cadata?: PemSource | undefined
}

/** Reads the certificates at the given locations, as PEM. */
export function authoritiesIn(locations: PemSource | VerifyLocations): Buffer[] {
  const given = typeof locations === 'string' || locations instanceof Uint8Array ? { cafile: locations } : locations
  const { cafile, capath, cadata } = given ?? {}
  if (cafile === undefined && capath === undefined && cadata === undefined) {
    throw new TypeError('cafile, capath and cadata cannot be all omitted')
  }
  const found = capath === undefined ? [] : readPemFolder(capath, 'capath')
  if (cafile !== undefined) found.push(readAuthorities(cafile, 'cafile'))
  if (cadata !== undefined) found.push(readCertificates(cadata, 'cadata'))
  return found
}
