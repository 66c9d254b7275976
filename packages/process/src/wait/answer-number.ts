let last = 0

/** Numbers the replies that this process receives, in order of arrival, which is the order in which each owner sent them. */
export function nextAnswerNumber(): number {
  last += 1
  return last
}

/** The number of the last reply that this process has received. */
export function lastAnswerNumber(): number {
  return last
}
