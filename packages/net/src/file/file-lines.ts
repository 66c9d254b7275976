import { CooperativeIterator, type Operation } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'

/** A file that can be read line by line. */
interface LineSource<L> {
  next(): Operation<IteratorResult<L, undefined>>
}

/** An iterator over the lines of a file. As in Python, its end leaves the file open. */
export class FileLines<L> extends CooperativeIterator<L> {
  private readonly file: LineSource<L>
  private ended = false

  constructor(file: LineSource<L>) {
    super()
    this.file = file
  }

  next(): Operation<IteratorResult<L, undefined>> {
    return this.ended ? new Done<IteratorResult<L, undefined>>({ done: true, value: undefined }) : this.file.next()
  }

  protected override onClose(): void {
    this.ended = true
  }
}
