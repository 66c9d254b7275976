/** RFC 9110 section 9.2.2: what a server has to bear twice. */
export const IDEMPOTENT: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
])
