/** Node's TLS module, loaded with the first context: it is large, and programs that use only plain sockets start faster without it. */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls')
}
