import { CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Call, Done } from '@greenlit/core/engine'

/** A pipe that can be read line by line. */
interface LineSource<D> {
  readline(): Operation<D>
}

/** An iterator over the lines of a pipe. */
export class Lines<D extends Buffer | string> extends CooperativeIterator<D> {
  private readonly source: LineSource<D>
  private ended = false

  constructor(source: LineSource<D>) {
    super()
    this.source = source
  }

  next(): Operation<IteratorResult<D, undefined>> {
    return this.ended
      ? new Done<IteratorResult<D, undefined>>({ done: true, value: undefined })
      : new Call<[LineSource<D>], IteratorResult<D, undefined>>(nextOf, [this.source])
  }

  protected override onClose(): void {
    this.ended = true
  }
}

function* nextOf<D extends Buffer | string>(
  source: LineSource<D>,
): Generator<Suspension, IteratorResult<D, undefined>, unknown> {
  const line = yield* source.readline()
  return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line }
}

/** Splits the result of a read into lines, each with its line end. */
export function* linesOf<D extends Buffer | string>(reading: Operation<D>): Generator<Suspension, D[], unknown> {
  const all = yield* reading
  const lines: D[] = []
  for (let start = 0; start < all.length; ) {
    const end = all.indexOf('\n', start) + 1 || all.length
    lines.push((typeof all === 'string' ? all.slice(start, end) : all.subarray(start, end)) as D)
    start = end
  }
  return lines
}
