import type { Address } from '../../address/address.ts'
import type { ErrorReport } from '../../workers/error-report.ts'
import type { Message } from '../../workers/worker.ts'

/** A request for a child: its connection comes beside it, its datagram with it. */
export interface Job extends Message {
  readonly kind: 'serve'
  readonly clientAddress: Address
  readonly serverAddress: Address
  /** The datagram; `undefined` of a connection. */
  readonly data: Buffer | undefined
}

/** The child is done with its job. */
export interface JobDone extends Message {
  readonly kind: 'done'
  /** What the handler has thrown. */
  readonly error: ErrorReport | undefined
}

/** The child sends a datagram, which must come from the server's address. */
export interface SendRequest extends Message {
  readonly kind: 'send'
  readonly id: number
  readonly data: Buffer
  readonly address: Address
}

/** The datagram is sent, or not. */
export interface SendAnswer extends Message {
  readonly kind: 'sent'
  readonly id: number
  readonly size: number
  readonly error: ErrorReport | undefined
}
