import { fromCallback, type Operation } from '@greenlit/core'
import type { Address } from '../../address/address.ts'
import { type BytesLike, checkBytes } from '../../socket/bytes.ts'
import { type ErrorReport, reportedError } from '../../workers/error-report.ts'
import { tellParent } from '../../workers/in-worker.ts'
import type { SendAnswer } from './job.ts'

/** What a handler in a child process has as its `server`: the server itself stays in the parent. */
export interface ForkedServer {
  /** Where the server listens. */
  readonly serverAddress: Address
}

const waiting = new Map<number, (error: unknown, size?: number) => void>()
let last = 0

/** The server's datagram socket as a child sees it: the parent sends, so that answers come from the server's address. */
export class ForkedDatagramSocket {
  private readonly address: Address

  constructor(address: Address) {
    this.address = address
  }

  /** The server's address. */
  getsockname(): Address {
    return this.address
  }

  /** Sends a datagram from the server's address, and answers how many bytes were sent. */
  sendto(data: BytesLike, address: Address): Operation<number> {
    const bytes = checkBytes(data)
    return fromCallback<number>((resume) => {
      const id = (last += 1)
      waiting.set(id, resume)
      tellParent({ kind: 'send', id, data: bytes, address })
      return () => waiting.delete(id)
    })
  }
}

/** The parent has sent a datagram, or could not. */
export function datagramSent({ id, size, error }: SendAnswer): void {
  const resume = waiting.get(id)
  waiting.delete(id)
  resume?.(error === undefined ? undefined : reportedError(error as ErrorReport), size)
}
