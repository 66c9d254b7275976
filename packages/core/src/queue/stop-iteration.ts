/**
 * The item that ends the iteration over a queue; only this one item is consumed (gevent: the class StopIteration).
 *
 * @example
 * queue.putNowait(StopIteration)
 */
export const StopIteration: unique symbol = Symbol.for('greenlit.StopIteration') as never
