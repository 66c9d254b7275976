import { show } from '@greenlit/core/engine'
import { checkString } from '../check-argument.ts'
import type { Engine } from '../engine/engine.ts'
import { InvalidSchema } from '../errors/invalid-schema.ts'
import { withoutUserinfo } from '../url/prepare-url.ts'
import { HTTPAdapter } from './http-adapter.ts'

/** A session's adapters, by the URL prefix that each is mounted on. */
export class Adapters {
  private readonly byPrefix = new Map<string, HTTPAdapter>()
  /** The default adapter, as long as no other has been mounted. */
  private defaultAdapter: HTTPAdapter | undefined

  constructor(adapter: HTTPAdapter) {
    this.defaultAdapter = adapter
    this.byPrefix.set('https://', adapter)
    this.byPrefix.set('http://', adapter)
  }

  mount(prefix: string, adapter: HTTPAdapter | Engine): void {
    checkString(prefix, 'prefix')
    if (typeof adapter !== 'object' || adapter === null || !('engine' in adapter || 'send' in adapter)) {
      throw new TypeError(`Expected \`adapter\` to be an adapter or an engine, got ${show(adapter)}`)
    }
    const mounted = adapter instanceof HTTPAdapter ? adapter : new HTTPAdapter({ engine: adapter as Engine })
    this.defaultAdapter = undefined
    this.byPrefix.set(prefix.toLowerCase(), mounted)
  }

  /**
   * Returns the adapter for a URL: the one mounted on the longest matching prefix.
   *
   * @throws {InvalidSchema} if no prefix matches
   */
  of(url: string): HTTPAdapter {
    checkString(url, 'url')
    if (this.defaultAdapter !== undefined && (url.startsWith('http://') || url.startsWith('https://')))
      return this.defaultAdapter
    let found: HTTPAdapter | undefined
    let longest = -1
    const lower = url.toLowerCase()
    for (const [prefix, adapter] of this.byPrefix) {
      if (prefix.length <= longest || !lower.startsWith(prefix)) continue
      longest = prefix.length
      found = adapter
    }
    if (found === undefined) throw new InvalidSchema(`No adapter carries ${show(withoutUserinfo(url))}`)
    return found
  }

  close(): void {
    for (const adapter of new Set(this.byPrefix.values())) adapter.close()
  }
}
