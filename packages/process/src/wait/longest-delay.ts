/** The longest that a timer of Node takes, in milliseconds: a longer one fires at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1
