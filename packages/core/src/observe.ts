/**
 * Looking at greenlets from outside: who lives, who waits on what, who holds the hub up.
 *
 * @module
 */
export {}
