import { gunzip } from 'node:zlib'
import { type Coroutine, fromCallback } from '@greenlit/core'
import { attemptZlib } from '../body/attempt-zlib.ts'
import { decodingFailure } from '../body/decode-body.ts'
import { gzipMembers } from '../body/gzip-members.ts'
import { encodingFromMark, encodingFromMarkup } from '../encoding/declared.ts'
import { decode } from '../encoding/decode.ts'
import { parseSitemap, type Sitemap } from './sitemap.ts'

/** The maximum size of a sitemap in bytes (sitemaps.org protocol), and how deeply sitemap indexes may be nested. */
export const SITEMAP_LIMITS = { maxSize: 50 * 1024 * 1024, depth: 3 } as const

/**
 * Parses a sitemap as received, compressed with gzip or not.
 *
 * @throws {ResponseTooLarge} if it decompresses to more than 50 MiB
 * @throws {ContentDecodingError} for corrupt data
 */
export function* readSitemap(content: Uint8Array): Coroutine<Sitemap> {
  const bytes = content[0] === 0x1f && content[1] === 0x8b ? yield* unzip(content) : content
  return parseSitemap(decode(bytes, encodingFromMark(bytes) ?? encodingFromMarkup(bytes) ?? 'utf-8'))
}

/** Decompresses gzip data, ignoring trailing garbage. */
function* unzip(content: Uint8Array): Coroutine<Uint8Array> {
  const whole = yield* attemptZlib(
    fromCallback<Uint8Array>((resume) => {
      gunzip(content, { maxOutputLength: SITEMAP_LIMITS.maxSize }, resume)
    }),
  )
  if (whole.ok) return whole.value
  const members = yield* gzipMembers(content, SITEMAP_LIMITS.maxSize)
  if (members === undefined) throw decodingFailure(whole.error, 'gzip')
  return members
}
