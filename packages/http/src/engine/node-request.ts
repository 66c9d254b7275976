/**
 * Returns the `request` function of Node's client for a protocol. The modules are loaded on first use, and not by `import`, which
 * reads every property of `node:http`, `WebSocket` included, and so loads Node's other client too: that takes longer than all else
 * that this package loads.
 */
export function nodeRequest(protocol: string | null | undefined): typeof import('node:https').request {
  return process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http').request
}
