import { brand } from './brand.ts'
import { InvalidURL } from './invalid-url.ts'

/** A proxy's URL that names no host, or a scheme that is not http or https (requests: InvalidProxyURL). */
export class InvalidProxyURL extends InvalidURL {
  static {
    brand(InvalidProxyURL, 'InvalidProxyURL')
  }
  override readonly code: string = 'INVALID_PROXY_URL'
}
