/** The load factor above which the table grows. */
const FULL = 0.6

/**
 * A set of strings that stores only a 64-bit hash of each: eight bytes for a URL of any length. With a million strings, the chance
 * that any two are confused is below one in ten million.
 */
export class Fingerprints {
  private table = new Uint32Array(2 * 1024)
  private count = 0
  /** Random, so that nobody can choose strings that collide. */
  private readonly seed = Math.trunc(Math.random() * 0x100000000)
  private high = 0
  private low = 0

  get size(): number {
    return this.count
  }

  has(text: string): boolean {
    this.hash(text)
    return this.table[this.place(this.high, this.low)] !== 0
  }

  /** @returns whether the string was new */
  add(text: string): boolean {
    this.hash(text)
    const at = this.place(this.high, this.low)
    if (this.table[at] !== 0) return false
    this.table[at] = this.high
    this.table[at + 1] = this.low
    this.count += 1
    if (this.count * 2 > this.table.length * FULL) this.grow()
    return true
  }

  /** Returns the index where a hash is, or would be inserted. */
  private place(high: number, low: number): number {
    const { table } = this
    const mask = table.length - 1
    let at = (low << 1) & mask
    while (table[at] !== 0 && (table[at] !== high || table[at + 1] !== low)) at = (at + 2) & mask
    return at
  }

  private grow(): void {
    const old = this.table
    this.table = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue
      const to = this.place(old[at]!, old[at + 1]!)
      this.table[to] = old[at]!
      this.table[to + 1] = old[at + 1]!
    }
  }

  /** Two multiplicative hashes, each mixed into the other at the end. */
  private hash(text: string): void {
    let a = this.seed ^ 0x9e3779b9
    let b = this.seed ^ 0x7f4a7c15
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      a = Math.imul(a ^ code, 0x85ebca6b)
      b = Math.imul(b ^ code, 0xc2b2ae35)
      a = (a << 13) | (a >>> 19)
      b = (b << 17) | (b >>> 15)
    }
    a = Math.imul(a ^ (a >>> 16) ^ text.length, 0x85ebca6b)
    b = Math.imul(b ^ (b >>> 15), 0xc2b2ae35)
    a ^= Math.imul(b ^ (b >>> 13), 0x27d4eb2f)
    b ^= Math.imul(a ^ (a >>> 16), 0x165667b1)
    this.low = (b ^ (b >>> 14)) >>> 0
    // Zero marks an empty slot.
    this.high = (a ^ (a >>> 15)) >>> 0 || 1
  }
}
