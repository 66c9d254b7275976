let last = 0

/** Numbers the answers that this process gets, in the order in which they come: an owner gives them in that order. */
export function nextAnswer(): number {
  last += 1
  return last
}
