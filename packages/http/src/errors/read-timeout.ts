import { brand } from './brand.ts'
import { RequestTimeout } from './request-timeout.ts'

/** The server sent nothing for the time allowed, or the whole request took too long (requests: ReadTimeout). */
export class ReadTimeout extends RequestTimeout {
  static {
    brand(ReadTimeout, 'ReadTimeout')
  }
  override readonly code: string = 'READ_TIMEOUT'
}
