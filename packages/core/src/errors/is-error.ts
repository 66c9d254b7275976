/** Whether a value is an `Error` of any realm: under Jest, the errors of Node's own modules come from another one. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}
