import { type PemSource, readAuthorities, readCertificates, readPemFolder } from './pem.ts'

/** Where trusted certificates are. */
export interface VerifyLocations {
  /** A file of certificates (PEM), or its contents. */
  cafile?: PemSource
  /** A folder of such files. */
  capath?: string
  /** The certificates themselves: PEM, or DER as bytes. */
  cadata?: PemSource
}

/** Reads what `loadVerifyLocations` is given, as PEM. */
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
