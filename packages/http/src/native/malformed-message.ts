/** The error for a response that is not valid HTTP, or whose framing could be read in two ways. */
export class MalformedMessage extends Error {
  /** The code of Node's parser: 'HPE_HEADER_OVERFLOW' for headers beyond the size limit, 'HPE_INVALID' for anything else. */
  readonly code: string

  constructor(message: string, code = 'HPE_INVALID') {
    super(message)
    this.code = code
  }
}
