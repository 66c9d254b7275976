/** How many bytes the detector looks at, and how far into a page it gathers them. */
const SAMPLE = 4096
const REACH = 4 * 1024 * 1024

/**
 * What there is to see beyond ASCII: every such byte with the one in front and the two behind; what lies between is one space.
 * No character is split: a byte below 0x80 that is part of one follows a byte above it, at once or after one that does.
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
