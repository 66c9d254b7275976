/** The size of the sample in bytes, and how far into a page it is collected. */
const SAMPLE = 4096
const REACH = 4 * 1024 * 1024

/**
 * Extracts the bytes beyond ASCII, each run with the byte before it and the two after it; what lies between is replaced by one space.
 * Characters are not split: a byte below 0x80 that is part of a multi-byte character is at most two bytes behind one above it.
 */
export function sampleOf(bytes: Uint8Array): Uint8Array {
  const sample = new Uint8Array(SAMPLE)
  const end = Math.min(bytes.length, REACH)
  let size = 0
  let taken = -1
  for (let at = 0; at < end && size < SAMPLE - 8; at += 1) {
    if (bytes[at]! < 0x80) continue
    if (at - 2 > taken) sample[size++] = 0x20
    if (at - 1 > taken) sample[size++] = bytes[at - 1]!
    do {
      sample[size++] = bytes[at]!
      at += 1
    } while (at < end && bytes[at]! >= 0x80 && size < SAMPLE - 4)
    for (let behind = 0; behind < 2 && at < end && bytes[at]! < 0x80; behind += 1) {
      sample[size++] = bytes[at]!
      at += 1
    }
    at -= 1
    taken = at
  }
  return sample.subarray(0, size)
}
