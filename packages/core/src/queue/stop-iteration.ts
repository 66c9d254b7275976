/**
 * The item that ends an iteration over a queue (gevent: the class StopIteration). Each one ends the iteration of one consumer.
 *
 * @example
 * queue.putNowait(StopIteration)
 */
export const StopIteration: unique symbol = Symbol.for('greenlit.StopIteration') as never
