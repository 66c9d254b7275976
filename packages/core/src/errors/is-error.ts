/** Whether it is an `Error`, of any realm: under Jest those of Node's own modules are of another. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}
