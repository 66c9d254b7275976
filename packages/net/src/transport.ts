/**
 * The stream layer below sockets, for protocols that read without a greenlet of their own.
 *
 * @module
 */
export { NetTransport } from './stream/net-transport.ts'
export type { Reader } from './stream/transport.ts'
