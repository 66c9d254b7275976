/** A captured stack, formatted only when it is read; `stack` is missing where the platform cannot capture any. */
export interface CapturedStack {
  readonly stack?: string
}

interface StackCapturer {
  captureStackTrace?(holder: object, above: unknown): void
  stackTraceLimit: number
}

/** Captures that many frames, beginning with the caller of the function `above`. */
export function captureStack(above: unknown, frames: number): CapturedStack {
  const capturer = Error as StackCapturer
  const limit = capturer.stackTraceLimit
  capturer.stackTraceLimit = frames
  const captured: CapturedStack = {}
  capturer.captureStackTrace?.(captured, above)
  capturer.stackTraceLimit = limit
  return captured
}
