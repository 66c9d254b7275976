import { branded } from '@greenlit/core/engine'
import { RequestTimeout } from './request-timeout.ts'

/** The server sent nothing for the time allowed, or the whole request took too long (requests: ReadTimeout). */
export class ReadTimeout extends /* @__PURE__ */ branded('http.ReadTimeout', RequestTimeout) {
  override readonly code: string = 'READ_TIMEOUT'
}
