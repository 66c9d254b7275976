import { show } from '@greenlit/core/engine'

/**
 * The C types of shared values, as in Python's array module: `b B h H i I` are integers of 1, 2 and 4 bytes, `l L` of 8 bytes
 * within the safe integer range, `q Q` of 8 bytes as bigint; `f d` are floating-point numbers, `c` is a character. Capital letters
 * are unsigned.
 */
export type TypeCode = 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'l' | 'L' | 'q' | 'Q' | 'f' | 'd' | 'c'

/** The JavaScript type of a type code. */
export type ValueOf<C extends TypeCode> = C extends 'q' | 'Q' ? bigint : C extends 'c' ? string : number

/** How values of a type are stored in memory. */
export interface Format {
  readonly size: number
  /** The type of the values, as `typeof` gives it. */
  readonly type: 'number' | 'bigint' | 'string'
  read(bytes: Buffer, offset: number): unknown
  write(bytes: Buffer, offset: number, value: never): unknown
  /** Whether a value of that type fits. */
  accepts(value: never): boolean
}

function whole(size: number, min: number, max: number, read: Format['read'], write: Format['write']): Format {
  return {
    size,
    type: 'number',
    read,
    write,
    accepts: (value) => Number.isInteger(value) && value >= min && value <= max,
  }
}

const SAFE = Number.MAX_SAFE_INTEGER

const FORMATS: Readonly<Record<TypeCode, Format>> = {
  b: whole(
    1,
    -128,
    127,
    (b, o) => b.readInt8(o),
    (b, o, v) => b.writeInt8(v, o),
  ),
  B: whole(
    1,
    0,
    255,
    (b, o) => b.readUInt8(o),
    (b, o, v) => b.writeUInt8(v, o),
  ),
  h: whole(
    2,
    -32_768,
    32_767,
    (b, o) => b.readInt16LE(o),
    (b, o, v) => b.writeInt16LE(v, o),
  ),
  H: whole(
    2,
    0,
    65_535,
    (b, o) => b.readUInt16LE(o),
    (b, o, v) => b.writeUInt16LE(v, o),
  ),
  i: whole(
    4,
    -(2 ** 31),
    2 ** 31 - 1,
    (b, o) => b.readInt32LE(o),
    (b, o, v) => b.writeInt32LE(v, o),
  ),
  I: whole(
    4,
    0,
    2 ** 32 - 1,
    (b, o) => b.readUInt32LE(o),
    (b, o, v) => b.writeUInt32LE(v, o),
  ),
  l: whole(
    8,
    -SAFE,
    SAFE,
    (b, o) => Number(b.readBigInt64LE(o)),
    (b, o, v) => b.writeBigInt64LE(BigInt(v), o),
  ),
  L: whole(
    8,
    0,
    SAFE,
    (b, o) => Number(b.readBigUInt64LE(o)),
    (b, o, v) => b.writeBigUInt64LE(BigInt(v), o),
  ),
  q: {
    size: 8,
    type: 'bigint',
    read: (b, o) => b.readBigInt64LE(o),
    write: (b, o, v) => b.writeBigInt64LE(v, o),
    accepts: (value) => BigInt.asIntN(64, value) === value,
  },
  Q: {
    size: 8,
    type: 'bigint',
    read: (b, o) => b.readBigUInt64LE(o),
    write: (b, o, v) => b.writeBigUInt64LE(v, o),
    accepts: (value) => BigInt.asUintN(64, value) === value,
  },
  f: {
    size: 4,
    type: 'number',
    read: (b, o) => b.readFloatLE(o),
    write: (b, o, v) => b.writeFloatLE(v, o),
    accepts: () => true,
  },
  d: {
    size: 8,
    type: 'number',
    read: (b, o) => b.readDoubleLE(o),
    write: (b, o, v) => b.writeDoubleLE(v, o),
    accepts: () => true,
  },
  c: {
    size: 1,
    type: 'string',
    read: (b, o) => String.fromCharCode(b[o]!),
    write: (b, o, v: string) => b.writeUInt8(v.charCodeAt(0), o),
    accepts: (value: string) => value.length === 1 && value.charCodeAt(0) < 256,
  },
}

/** The format of a type code. */
export function formatOf(typecode: unknown): Format {
  const format =
    typeof typecode === 'string' && Object.hasOwn(FORMATS, typecode) ? FORMATS[typecode as TypeCode] : undefined
  if (format !== undefined) return format
  throw new TypeError(`Expected \`typecode\` to be one of ${Object.keys(FORMATS).join(' ')}, got ${show(typecode)}`)
}

/** Checks that a value fits its type. */
export function checkFits(format: Format, typecode: string, value: unknown): void {
  if (typeof value !== format.type)
    throw new TypeError(`Expected \`value\` to be a ${format.type} for the type '${typecode}', got ${show(value)}`)
  if (!format.accepts(value as never))
    throw new RangeError(`Expected \`value\` to fit the type '${typecode}', got ${show(value)}`)
}
