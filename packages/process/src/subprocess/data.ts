import { show } from '@greenlit/core/engine'

/** What can be written to a program: bytes, or text, which is encoded. */
export type Data = Uint8Array | ArrayBufferView | ArrayBuffer | string

/** Checks data for a program; binary data becomes bytes without a copy. */
export function checkData(data: unknown, name: string): Uint8Array | string {
  if (typeof data === 'string' || data instanceof Uint8Array) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data)
  throw new TypeError(`Expected \`${name}\` to be a Uint8Array or a string, got ${show(data)}`)
}
