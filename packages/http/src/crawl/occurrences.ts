/** The positions in ascending order at which each of several texts occurs in another; no entry for a text that does not occur. */
export type Occurrences = ReadonlyMap<string, readonly number[]>

/**
 * Finds all occurrences of several texts in another in a single pass, so that many texts take little longer than one.
 *
 * @param texts sorted, distinct and not empty
 */
export function occurrencesOf(texts: readonly string[], within: string): Occurrences {
  const found = new Map<string, number[]>()
  for (let start = 0; start < within.length; start += 1) {
    // The texts from `from` up to but not including `to` match the first `at` characters here.
    let from = 0
    let to = texts.length
    for (let at = 0; from < to; at += 1) {
      const text = texts[from]!
      if (text.length === at) {
        const places = found.get(text)
        if (places === undefined) found.set(text, [start])
        else places.push(start)
        from += 1
      }
      const code = within.charCodeAt(start + at)
      // NaN past the end, which equals no character.
      const differs = (index: number): boolean => texts[index]!.charCodeAt(at) !== code
      if (from < to && differs(from)) from = firstWhere(from, to, (index) => texts[index]!.charCodeAt(at) >= code)
      if (from < to && differs(to - 1)) to = firstWhere(from, to, (index) => texts[index]!.charCodeAt(at) > code)
    }
  }
  return found
}

/** Returns the first position that is not before `at`; -1 if there is none. */
export function firstFrom(places: readonly number[] | undefined, at: number): number {
  if (places === undefined) return -1
  return places[firstWhere(0, places.length, (index) => places[index]! >= at)] ?? -1
}

/** Binary search: returns the first number in `[from, to)` for which `holds` is true; `to` if there is none. */
function firstWhere(from: number, to: number, holds: (number: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
