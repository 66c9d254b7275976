import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/** The server kept answering with a status to retry on, and the retries are used up (requests: RetryError). */
export class RetryError extends RequestException {
  static {
    brand(RetryError, 'RetryError')
  }
  override readonly code: string = 'RETRY'
}
