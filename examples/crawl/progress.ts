/** One line that is written over and over on a terminal; elsewhere it stays silent. */
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

  /** Takes the line away. */
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
