/** Connects a new pipe (Python: subprocess.PIPE). */
export const PIPE = -1

/** For `stderr`: goes where the standard output goes (Python: subprocess.STDOUT). */
export const STDOUT = -2

/** Reads nothing, or writes into nothing (Python: subprocess.DEVNULL). */
export const DEVNULL = -3
