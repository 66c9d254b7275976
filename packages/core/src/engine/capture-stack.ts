/**
 * Formats a captured stack, which takes longer than to capture it: the lines of the callers up to the step loop, each after a line
 * feed. Empty where the platform cannot capture any.
 */
export type CapturedStack = () => string

/** Captures the stack from the caller of the function `above` on. */
export function captureStack(above: unknown): CapturedStack {
  const captured: { stack?: string } = {}
  Error.captureStackTrace?.(captured, above as () => void)
  // The first line is no frame.
  return () => String(captured.stack).replace(/^.*|\n +at advance (.|\n)*/g, '')
}
