/** Connects a standard stream to a new pipe (Python: subprocess.PIPE). */
export const PIPE = -1

/** As `stderr`: redirects standard error to standard output (Python: subprocess.STDOUT). */
export const STDOUT = -2

/** Connects a standard stream to the null device (Python: subprocess.DEVNULL). */
export const DEVNULL = -3
