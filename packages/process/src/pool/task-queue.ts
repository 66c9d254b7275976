/** Things that wait in line; any of them may leave it, however long it is. */
export class TaskQueue<T> {
  private line: (T | undefined)[] = []
  /** Where the first may be: those before it are gone. */
  private head = 0
  private readonly waiting = new Set<T>()

  get size(): number {
    return this.waiting.size
  }

  push(task: T): void {
    this.line.push(task)
    this.waiting.add(task)
  }

  /** Puts one in front of all others. */
  unshift(task: T): void {
    if (this.head === 0) this.line.unshift(task)
    else this.line[--this.head] = task
    this.waiting.add(task)
  }

  /** Takes the first out. */
  shift(): T | undefined {
    while (this.head < this.line.length) {
      const task = this.line[this.head]!
      this.line[this.head] = undefined
      this.head += 1
      if (this.waiting.delete(task)) {
        this.tidy()
        return task
      }
    }
    this.tidy()
    return undefined
  }

  /** Takes one out, wherever it is; answers whether it was there. */
  delete(task: T): boolean {
    const had = this.waiting.delete(task)
    if (had) this.tidy()
    return had
  }

  /** Takes all out. */
  clear(): T[] {
    const all = [...this.line.slice(this.head)].filter((task) => this.waiting.has(task!)) as T[]
    this.line = []
    this.head = 0
    this.waiting.clear()
    return all
  }

  /** Lets go of those that are gone once they are more than those that wait. */
  private tidy(): void {
    if (this.line.length < 64 || this.waiting.size * 2 > this.line.length) return
    this.line = this.line.filter((task, index) => index >= this.head && this.waiting.has(task!))
    this.head = 0
  }
}
