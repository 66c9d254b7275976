import { show } from '@greenlit/core/engine'
import { InvalidURL } from '../errors/invalid-url.ts'
import { withoutUserinfo } from './prepare-url.ts'

/** Checks the required `url` argument, an absolute URL, and parses it if it is a string. */
export function parsedUrl(url: unknown): URL {
  if (url instanceof URL) return url
  if (typeof url !== 'string') throw new TypeError(`Expected \`url\` to be a string or a URL, got ${show(url)}`)
  try {
    return new URL(url)
  } catch {
    throw new InvalidURL(`Expected \`url\` to be an absolute URL, got ${show(withoutUserinfo(url))}`)
  }
}
