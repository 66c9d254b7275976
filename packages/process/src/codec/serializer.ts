import { Deserializer, Serializer } from 'node:v8'

/** Node has it from version 24 on. */
const FLOAT16 = (globalThis as { Float16Array?: typeof Float32Array }).Float16Array

const VIEWS = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...(FLOAT16 === undefined ? [] : [FLOAT16]),
] as const

/** Follows the types of views. */
const BUFFER = VIEWS.length

type View = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView

/** The type of a view, as an index of `VIEWS`; -1 for one that this does not know. */
export function viewType(view: ArrayBufferView): number {
  return VIEWS.findIndex((View) => view instanceof View)
}

/** Makes a view of a type on a buffer. */
export function makeView(type: number, buffer: ArrayBufferLike, offset: number, byteLength: number): ArrayBufferView {
  const { BYTES_PER_ELEMENT = 1 } = VIEWS[type] as { BYTES_PER_ELEMENT?: number }
  return new (VIEWS[type] as unknown as View)(buffer, offset, byteLength / BYTES_PER_ELEMENT)
}

class PayloadSerializer extends Serializer {
  constructor() {
    super()
    const own = this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    own._setTreatArrayBufferViewsAsHostObjects(true)
  }

  /** Called by V8. */
  _getDataCloneError(message: string): Error {
    return new TypeError(message)
  }

  /** Called by V8 for views, and for what only Node knows. A view's own bytes are copied: its buffer may be a pool of thousands. */
  _writeHostObject(object: object): void {
    const type = !ArrayBuffer.isView(object) ? -1 : Buffer.isBuffer(object) ? BUFFER : viewType(object)
    if (type < 0) throw new TypeError(`#<${object.constructor?.name ?? 'Object'}> could not be cloned.`)
    const { buffer, byteOffset, byteLength } = object as ArrayBufferView
    this.writeUint32(type)
    this.writeUint32(byteLength)
    this.writeRawBytes(new Uint8Array(buffer, byteOffset, byteLength))
  }
}

class PayloadDeserializer extends Deserializer {
  /** Called by V8. A view gets a buffer of its own: nobody who looks at it sees the rest of the message. */
  _readHostObject(): unknown {
    const type = this.readUint32()
    const bytes = Uint8Array.prototype.slice.call(this.readRawBytes(this.readUint32()))
    if (type === BUFFER) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return makeView(type, bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

/** Writes a value, with a number in front. Throws a `TypeError` for what cannot be cloned. */
export function writeBytes(flag: number, value: unknown): Uint8Array {
  const serializer = new PayloadSerializer()
  serializer.writeHeader()
  serializer.writeUint32(flag)
  serializer.writeValue(value)
  return serializer.releaseBuffer()
}

/** Reads what `writeBytes` wrote. */
export function readBytes(bytes: Uint8Array): { flag: number; value: unknown } {
  const deserializer = readerOf(bytes)
  const flag = deserializer.readUint32()
  return { flag, value: deserializer.readValue() }
}

/** Reads only the number that stands in front. */
export function readFlag(bytes: Uint8Array): number {
  return readerOf(bytes).readUint32()
}

function readerOf(bytes: Uint8Array): PayloadDeserializer {
  const deserializer = new PayloadDeserializer(bytes as Buffer)
  deserializer.readHeader()
  return deserializer
}
