import type { Operation } from '@greenlit/core'
import { checkOptions, Done, show } from '@greenlit/core/engine'
import type { Engine } from '../engine/engine.ts'
import { NodeEngine } from '../engine/node-engine.ts'
import { type Retry, type RetryOptions, retriesOf } from '../retry/retry.ts'

/** The options of an `HTTPAdapter`. */
export interface HTTPAdapterOptions {
  /** The engine that sends the requests. Default: Node's own client. */
  readonly engine?: Engine | undefined
  /** How many times a failed request is retried, or a retry plan. Default 0. */
  readonly maxRetries?: number | Retry | RetryOptions | undefined
}

/**
 * An engine with a retry plan, for the requests whose URL begins with the prefix it is mounted on (requests: HTTPAdapter).
 *
 * @example
 * session.mount('https://example.org/', new HTTPAdapter({ maxRetries: 3 }))
 */
export class HTTPAdapter {
  readonly engine: Engine
  /** The retry plan for requests that set none themselves; `undefined`: no retries. */
  readonly maxRetries: Retry | undefined

  constructor(options: HTTPAdapterOptions = {}) {
    const checked = checkOptions(options)
    this.engine = checked.engine ?? new NodeEngine()
    if (typeof this.engine.send !== 'function')
      throw new TypeError(`Expected \`engine\` to be an engine, as nativeEngine(), got ${show(this.engine)}`)
    this.maxRetries = retriesOf(checked.maxRetries)
  }

  /** Closes the engine's idle connections. */
  close(): Operation<undefined> {
    this.engine.close()
    return new Done()
  }
}
