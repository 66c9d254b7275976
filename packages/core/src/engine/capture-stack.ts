/**
 * Formats a captured stack, which takes longer than to capture it: the lines of the callers up to the step loop, each after a line
 * feed. Empty where the platform cannot capture any.
 */
export type CapturedStack = () => string

const MAX_FRAMES = 10

/** Captures the stack from the caller of the function `above` on. */
export function captureStack(above: unknown): CapturedStack {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = MAX_FRAMES
  const captured: { stack?: string } = {}
  Error.captureStackTrace?.(captured, above as () => void)
  Error.stackTraceLimit = limit
  // The first line is no frame.
  return () => String(captured.stack).replace(/^.*|\n +at advance (.|\n)*/g, '')
}
