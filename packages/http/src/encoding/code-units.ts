const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Converts UTF-16 code units to a string. May modify the array. */
export function textOfUnits(units: Uint16Array): string {
  const bytes = Buffer.from(units.buffer, units.byteOffset, units.byteLength)
  return (LITTLE_ENDIAN ? bytes : bytes.swap16()).toString('utf16le')
}
