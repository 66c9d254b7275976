import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { BodySink } from '../engine/upload.ts'

/** After this many pieces the writer waits for a turn of the event loop: a socket that accepts everything would never make it wait. */
const MAX_PIECES_PER_TURN = 32

const LAST_CHUNK = '0\r\n\r\n'

/** Takes the pieces of a body, and passes them to the socket once that is connected. */
export class UploadSink extends EventEmitter implements BodySink {
  destroyed = false
  /** Whether the whole body was handed to the socket. */
  isComplete = false
  private readonly isChunked: boolean
  private socket: Socket | undefined = undefined
  private early: Uint8Array[] = []
  private hasEnded = false
  private piecesInTurn = 0

  constructor(isChunked: boolean) {
    super()
    this.isChunked = isChunked
  }

  /** Called when the socket is connected and the head of the request was written to it. */
  open(socket: Socket): void {
    if (this.destroyed) return
    this.socket = socket
    for (const piece of this.early.splice(0)) this.send(piece)
    socket.on('drain', this.onDrain)
    if (this.hasEnded) this.complete()
    if (!socket.writableNeedDrain) this.emit('drain')
  }

  /** Takes a piece; returns whether another may be written before `'drain'`. */
  write(piece: Uint8Array): boolean {
    if (this.socket !== undefined) return this.send(piece) && this.isWithinTurn()
    this.early.push(piece)
    return false
  }

  end(): void {
    this.hasEnded = true
    if (this.socket !== undefined) this.complete()
  }

  /** Abandons the upload. */
  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.early = []
    this.detach()
    this.emit('close')
  }

  private readonly onDrain = (): void => {
    this.emit('drain')
  }

  private isWithinTurn(): boolean {
    this.piecesInTurn += 1
    if (this.piecesInTurn < MAX_PIECES_PER_TURN) return true
    this.piecesInTurn = 0
    setImmediate(this.onDrain)
    return false
  }

  private send(piece: Uint8Array): boolean {
    const socket = this.socket!
    if (!this.isChunked) return socket.write(piece)
    // An empty chunk would end the body.
    if (piece.length === 0) return !socket.writableNeedDrain
    socket.cork()
    socket.write(`${piece.length.toString(16)}\r\n`, 'latin1')
    socket.write(piece)
    const hasRoom = socket.write('\r\n', 'latin1')
    socket.uncork()
    return hasRoom
  }

  private complete(): void {
    if (this.destroyed) return
    if (this.isChunked) this.socket!.write(LAST_CHUNK, 'latin1')
    this.isComplete = true
    this.detach()
  }

  private detach(): void {
    this.socket?.off('drain', this.onDrain)
  }
}
