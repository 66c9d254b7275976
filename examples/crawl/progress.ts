/** A progress line that is rewritten in place on a terminal, and not shown elsewhere. */
export class Progress {
  private readonly stream: NodeJS.WriteStream
  private readonly total: number
  private done = 0
  private failed = 0

  constructor(stream: NodeJS.WriteStream, total: number) {
    this.stream = stream
    this.total = total
    this.show()
  }

  add(ok: boolean): void {
    this.done += 1
    if (!ok) this.failed += 1
    this.show()
  }

  /** Erases the line. */
  clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[2K')
  }

  private show(): void {
    if (this.stream.isTTY)
      this.stream.write(
        `\r\x1b[2K${this.done}/${this.total} done, ${this.total - this.done} in flight, ${this.failed} failed`,
      )
  }
}
