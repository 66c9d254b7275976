import { checkOptions, show } from '@greenlit/core/engine'
import type { Engine } from '../engine/engine.ts'
import { NodeEngine } from '../engine/node-engine.ts'
import { type Retry, type RetryOptions, retriesOf } from '../retry/retry.ts'

/** What an adapter is made with. */
export interface HTTPAdapterOptions {
  /** What carries the requests. Default: Node's own client. */
  readonly engine?: Engine | undefined
  /** How many times a failed request is tried again, or a plan for it. Default 0. */
  readonly maxRetries?: number | Retry | RetryOptions | undefined
}

/**
 * What carries the requests whose URL begins with a prefix (requests: HTTPAdapter).
 *
 * @example
 * session.mount('https://example.org/', new HTTPAdapter({ maxRetries: 3 }))
 */
export class HTTPAdapter {
  readonly engine: Engine
  /** The plan for requests that bring none; `undefined`: none. */
  readonly maxRetries: Retry | undefined

  constructor(options: HTTPAdapterOptions = {}) {
    const given = checkOptions(options)
    this.engine = given.engine ?? new NodeEngine()
    if (typeof this.engine.send !== 'function')
      throw new TypeError(`Expected \`engine\` to be an engine, as nativeEngine(), got ${show(this.engine)}`)
    this.maxRetries = retriesOf(given.maxRetries)
  }

  /** Closes its idle connections. */
  close(): void {
    this.engine.close()
  }
}
