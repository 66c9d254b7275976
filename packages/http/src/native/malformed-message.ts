/** A response is not HTTP, or is so in a way that two readers may understand differently. */
export class MalformedMessage extends Error {
  /** As Node's parser tells it: 'HPE_HEADER_OVERFLOW' for more than is read, 'HPE_INVALID' for all else. */
  readonly code: string

  constructor(message: string, code = 'HPE_INVALID') {
    super(message)
    this.code = code
  }
}
