/**
 * The load of each case of the echo benchmark: 50 connections, each with `depth` messages of `size` bytes in flight. If `brief` is set,
 * each connection is closed after one message and replaced by a new one.
 */
export const CONNECTIONS = 50

export const echoCases = {
  64: { title: 'echo, 64 B ping-pong', size: 64, depth: 1, exact: false, most: 1.1 },
  '16k': { title: 'echo, 16 KiB ping-pong', size: 16_384, depth: 1, exact: false, most: 1.1 },
  exact: { title: 'echo, 64 B x 16 pipelined exact messages, auto-cork', size: 64, depth: 16, exact: true, most: 0.3 },
  brief: { title: 'echo, 64 B, a connection for each message', size: 64, depth: 1, exact: false, brief: true },
}
