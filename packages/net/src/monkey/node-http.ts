// Not by `import`, which reads every property of `node:http`, `WebSocket` included, and so loads a second HTTP client.
export const http: typeof import('node:http') = process.getBuiltinModule('node:http')
export const https: typeof import('node:https') = process.getBuiltinModule('node:https')
