/** The requests waiting in a frontier: first in, first out for each host, round-robin between hosts. */
export class RequestQueue<T extends { readonly host: string }> {
  private readonly hosts = new Map<string, { items: T[]; at: number }>()
  private count = 0

  get size(): number {
    return this.count
  }

  push(item: T): void {
    const line = this.hosts.get(item.host)
    if (line === undefined) this.hosts.set(item.host, { items: [item], at: 0 })
    else line.items.push(item)
    this.count += 1
  }

  /**
   * Removes and returns items.
   *
   * @param most how many items to take at most
   * @param room returns how many items of a host may be taken
   */
  take(most: number, room: (host: string) => number): T[] {
    const taken: T[] = []
    if (this.count === 0 || most <= 0) return taken
    const rounds: { host: string; room: number }[] = []
    for (const host of this.hosts.keys()) {
      const left = room(host)
      if (left > 0) rounds.push({ host, room: left })
      if (rounds.length === most) break
    }
    for (let any = true; any && taken.length < most; ) {
      any = false
      for (const round of rounds) {
        if (round.room === 0 || taken.length === most) continue
        const item = this.shift(round.host)
        if (item === undefined) continue
        taken.push(item)
        round.room -= 1
        any = true
      }
    }
    return taken
  }

  /** Removes and returns the next item of a host, and moves the host to the end of the round. */
  private shift(host: string): T | undefined {
    const line = this.hosts.get(host)
    if (line === undefined) return undefined
    const item = line.items[line.at]!
    line.at += 1
    this.count -= 1
    this.hosts.delete(host)
    if (line.at === line.items.length) return item
    if (line.at > 1024 && line.at * 2 > line.items.length) {
      line.items.splice(0, line.at)
      line.at = 0
    } else {
      // Release the item for the garbage collector.
      line.items[line.at - 1] = undefined as never
    }
    this.hosts.set(host, line)
    return item
  }
}
