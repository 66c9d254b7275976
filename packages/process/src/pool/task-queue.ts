/** A FIFO queue from which any item can be removed cheaply, however long the queue is. */
export class TaskQueue<T> {
  private line: (T | undefined)[] = []
  /** The index of the first item that may still wait; those before it are gone. */
  private head = 0
  private readonly waiting = new Set<T>()

  get size(): number {
    return this.waiting.size
  }

  push(task: T): void {
    this.line.push(task)
    this.waiting.add(task)
  }

  /** Adds an item at the front. */
  unshift(task: T): void {
    if (this.head === 0) this.line.unshift(task)
    else this.line[--this.head] = task
    this.waiting.add(task)
  }

  /** Removes and returns the first item. */
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

  /** Removes an item, wherever it is; returns whether it was there. */
  delete(task: T): boolean {
    const had = this.waiting.delete(task)
    if (had) this.tidy()
    return had
  }

  /** Removes and returns all items. */
  clear(): T[] {
    const all = [...this.line.slice(this.head)].filter((task) => this.waiting.has(task!)) as T[]
    this.line = []
    this.head = 0
    this.waiting.clear()
    return all
  }

  /** Compacts the array once more than half of it is removed items. */
  private tidy(): void {
    if (this.line.length < 64 || this.waiting.size * 2 > this.line.length) return
    this.line = this.line.filter((task, index) => index >= this.head && this.waiting.has(task!))
    this.head = 0
  }
}
