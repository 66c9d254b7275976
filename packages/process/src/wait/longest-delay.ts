/** The longest delay of a Node timer, in milliseconds: a timer with a longer one fires at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1
