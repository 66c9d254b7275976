import { CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'

/** Iterates over items that are all read when the first is asked for. */
export class SnapshotIterator<T> extends CooperativeIterator<T> {
  private readonly read: () => Operation<Iterable<T>>
  private items: Iterator<T> | undefined = undefined

  constructor(read: () => Operation<Iterable<T>>) {
    super()
    this.read = read
  }

  next(): Operation<IteratorResult<T, undefined>> {
    return new Call<[SnapshotIterator<T>], IteratorResult<T, undefined>>(SnapshotIterator.step, [this])
  }

  private static *step<T>(iterator: SnapshotIterator<T>): Generator<Suspension, IteratorResult<T, undefined>, unknown> {
    if (iterator.items === undefined) {
      const items = yield* iterator.read()
      iterator.items ??= items[Symbol.iterator]()
    }
    const { done, value } = iterator.items.next()
    return done ? { done: true, value: undefined } : { done: false, value: value as T }
  }

  protected override onClose(): void {
    this.items = [].values()
  }
}
