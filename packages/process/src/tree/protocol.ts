/** The kinds of messages between processes. See `Tree` for their sequence. */
export const REQUEST = 0
export const REPLY = 1
export const FAILURE = 2
export const CANCEL = 3
export const CANCELLED = 4
export const UNDO = 5
export const LOST = 6
export const NOTE = 7
export const SPREAD = 8
