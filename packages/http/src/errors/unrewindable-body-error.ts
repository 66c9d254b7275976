import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The body must be sent again for a redirect or a retry, but its source has been read and cannot be rewound (requests:
 * UnrewindableBodyError).
 */
export class UnrewindableBodyError extends /* @__PURE__ */ branded('http.UnrewindableBodyError', RequestException) {
  override readonly code: string = 'UNREWINDABLE_BODY'
}
