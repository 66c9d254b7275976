import { Deserializer, Serializer } from 'node:v8'

/** Available from Node 24 on. */
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

/** The type of a `Buffer`, which follows the indexes of `VIEWS`. */
const BUFFER = VIEWS.length

type View = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView

/** The type of a view, as an index of `VIEWS`; -1 if it is of another class. */
export function viewType(view: ArrayBufferView): number {
  return VIEWS.findIndex((View) => view instanceof View)
}

/** Makes a view of the given type on a buffer. */
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

  /**
   * Called by V8 for views and Node's own objects. Only the bytes of the view itself are written: its buffer may be a pool that
   * many views share.
   */
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
  /** Called by V8. Each view gets a buffer of its own, so that its `buffer` does not expose the rest of the message. */
  _readHostObject(): unknown {
    const type = this.readUint32()
    const bytes = Uint8Array.prototype.slice.call(this.readRawBytes(this.readUint32()))
    if (type === BUFFER) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return makeView(type, bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

/** Serializes a value, preceded by a number. Throws a `TypeError` for a value that cannot be cloned. */
export function writeBytes(flag: number, value: unknown): Uint8Array {
  const serializer = new PayloadSerializer()
  serializer.writeHeader()
  serializer.writeUint32(flag)
  serializer.writeValue(value)
  return serializer.releaseBuffer()
}

/** Serializes only the number. */
export function writeFlag(flag: number): Uint8Array {
  const serializer = new Serializer()
  serializer.writeHeader()
  serializer.writeUint32(flag)
  return serializer.releaseBuffer()
}

/** Reads the number and the value that `writeBytes` wrote. */
export function readBytes(bytes: Uint8Array): { flag: number; value: unknown } {
  const deserializer = readerOf(bytes)
  const flag = deserializer.readUint32()
  return { flag, value: deserializer.readValue() }
}

/** Reads only the number. */
export function readFlag(bytes: Uint8Array): number {
  return readerOf(bytes).readUint32()
}

function readerOf(bytes: Uint8Array): PayloadDeserializer {
  const deserializer = new PayloadDeserializer(bytes as Buffer)
  deserializer.readHeader()
  return deserializer
}
