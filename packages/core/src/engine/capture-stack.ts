/** A captured stack, formatted only when it is read; `stack` is missing where the platform cannot capture any. */
export interface CapturedStack {
  readonly stack?: string
}

interface StackCapturer {
  captureStackTrace?(holder: object, above: unknown): void
  stackTraceLimit: number
}

const MAX_FRAMES = 10

/** Captures the stack from the caller of the function `above` on. */
export function captureStack(above: unknown): CapturedStack {
  const capturer = Error as StackCapturer
  const limit = capturer.stackTraceLimit
  capturer.stackTraceLimit = MAX_FRAMES
  const captured: CapturedStack = {}
  capturer.captureStackTrace?.(captured, above)
  capturer.stackTraceLimit = limit
  return captured
}
