/** Node's TLS, loaded with the first context: it is large, and a program with plain sockets only is faster without it. */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls')
}
