import type { Socket } from 'node:net'

/** A body of up to this many bytes is copied behind the head, so that both are sent in one write. */
const SMALL = 16 * 1024

/** Sends the head of a request, and its body if that is in memory. */
export function sendMessage(socket: Socket, head: string, body: Uint8Array | undefined, isChunked: boolean): void {
  if (body === undefined || (body.length === 0 && !isChunked)) {
    socket.write(head, 'latin1')
    return
  }
  const start = isChunked && body.length > 0 ? `${head}${body.length.toString(16)}\r\n` : head
  const end = isChunked ? (body.length > 0 ? '\r\n0\r\n\r\n' : '0\r\n\r\n') : ''
  if (body.length <= SMALL) {
    const message = Buffer.allocUnsafe(start.length + body.length + end.length)
    message.write(start, 'latin1')
    message.set(body, start.length)
    message.write(end, start.length + body.length, 'latin1')
    socket.write(message)
    return
  }
  socket.cork()
  socket.write(start, 'latin1')
  socket.write(body)
  if (end !== '') socket.write(end, 'latin1')
  socket.uncork()
}
