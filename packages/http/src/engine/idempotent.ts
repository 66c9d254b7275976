/** The idempotent methods (RFC 9110 section 9.2.2): a request may safely be sent twice. */
export const IDEMPOTENT: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
])
