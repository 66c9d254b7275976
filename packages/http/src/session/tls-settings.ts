import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { show } from '@greenlit/core/engine'
import type { TlsSettings } from '../engine/engine.ts'
import { environmentVariable } from '../environment/variables.ts'
import { UnreadableFile } from '../errors/unreadable-file.ts'
import type { SendOptions } from './options.ts'

/** The TLS options of a request, and the settings made from them. */
export interface TlsChoice {
  readonly verify: SendOptions['verify']
  readonly cert: SendOptions['cert']
  readonly tls: TlsSettings | undefined
}

/** The settings already made, by a key of their options and the files' modification times. */
const cache = new Map<string, TlsSettings>()
const MAX_CACHED = 100

/**
 * Returns the TLS settings for `verify` and `cert`: the same object each time, as connections are pooled by it, or `undefined` for
 * the platform's defaults. A file is read once, and again when it has changed.
 *
 * @throws {OSError} for a file that cannot be read; {TypeError} for an invalid option
 */
export function tlsSettingsOf(verify: SendOptions['verify'], cert: SendOptions['cert']): TlsSettings | undefined {
  if ((verify ?? true) === true && (cert ?? undefined) === undefined) return undefined
  const key = JSON.stringify([verify, cert, changedAt(verify), ...[cert].flat().map(changedAt)])
  let settings = cache.get(key)
  if (settings === undefined) {
    settings = read(verify, cert)
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(key, settings)
  }
  return settings
}

/** The TLS settings of a request; certificate authorities from REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE replace the platform's. */
export function tlsSettingsWithEnvironment({ tls, verify, cert }: TlsChoice): TlsSettings | undefined {
  if ((verify ?? true) !== true) return tls
  const bundle = environmentVariable('REQUESTS_CA_BUNDLE') || environmentVariable('CURL_CA_BUNDLE')
  return bundle ? tlsSettingsOf(bundle, cert) : tls
}

/** The modification time of a file. Errors are ignored: `contentOf` reports them with what the file was for. */
function changedAt(path: unknown): number | undefined {
  try {
    return typeof path === 'string' ? statSync(path).mtimeMs : undefined
  } catch {
    return undefined
  }
}

function read(verify: unknown, cert: unknown): TlsSettings {
  if (verify !== undefined && verify !== null && typeof verify !== 'boolean' && typeof verify !== 'string') {
    throw new TypeError(`Expected \`verify\` to be true, false or a file of certificates, got ${show(verify)}`)
  }
  const files: unknown = cert === undefined || cert === null ? [] : typeof cert === 'string' ? [cert, cert] : cert
  if (
    !Array.isArray(files) ||
    (files.length !== 0 && files.length !== 2) ||
    !files.every((file) => typeof file === 'string')
  ) {
    throw new TypeError(
      `Expected \`cert\` to be a file with a certificate and its key, or [certificate, key], got ${show(cert)}`,
    )
  }
  return {
    rejectUnauthorized: verify !== false,
    ...(typeof verify === 'string' ? { ca: contentOf(verify, 'certificates of the authorities') } : {}),
    ...(files.length === 2
      ? { cert: contentOf(String(files[0]), 'certificate'), key: contentOf(String(files[1]), 'key') }
      : {}),
  }
}

/** The content of a file, or of all certificates in a folder. */
function contentOf(path: string, what: string): Uint8Array {
  try {
    if (!statSync(path).isDirectory()) return readFileSync(path)
    const names = readdirSync(path).filter((name) => /\.(?:pem|crt|cer|\d)$/.test(name))
    return Buffer.concat(names.flatMap((name) => [readFileSync(join(path, name)), Buffer.from('\n')]))
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException
    throw new UnreadableFile(`Could not read the file of the ${what}, invalid path: ${path} (${error.code})`, error)
  }
}
