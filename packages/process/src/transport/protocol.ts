/** The kinds of messages between processes. See `Tree` for their sequence. */

/** A call of an object; with exchange number 0, one without a reply. */
export const REQUEST = 0
/** The reply to a request. */
export const REPLY = 1
/** The error reply to a request. */
export const FAILURE = 2
/** The asker has given up a request. */
export const CANCEL = 3
/** The owner has dropped a request without answering it: the asker has given up, or a time limit has expired. */
export const CANCELLED = 4
/** The asker hands back a reply that was not delivered. */
export const UNDO = 5
/** A process, and with it its descendants, has ended. */
export const LOST = 6
/** A one-way message to a neighbour. */
export const NOTE = 7
/** A process has passed an object on, so that its owner no longer knows which processes have it. */
export const SPREAD = 8
