/** An error as it goes from process to process. */
export interface ErrorReport {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
}

/** Says of an error what can be sent. */
export function reportError(error: unknown): ErrorReport {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined }
  const { name, message, stack } = error
  const { code } = error as { code?: unknown }
  return { name, message, stack, code: typeof code === 'string' ? code : undefined }
}

/** Makes an error of what was said of one. */
export function reportedError({ name, message, stack, code }: ErrorReport): Error {
  const error = new Error(message)
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  if (stack !== undefined) error.stack = stack
  if (code !== undefined) Object.assign(error, { code })
  return error
}
