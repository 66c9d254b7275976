/**
 * What each case of the echo benchmark sends: 50 connections, `depth` messages of `size` bytes on the way on each; if it is `brief`,
 * each connection ends after one message, and another one begins.
 */
export const CONNECTIONS = 50

export const echoCases = {
  64: { title: 'echo, 64 B ping-pong', size: 64, depth: 1, exact: false, most: 1.1 },
  '16k': { title: 'echo, 16 KiB ping-pong', size: 16_384, depth: 1, exact: false, most: 1.1 },
  exact: { title: 'echo, 64 B x 16 pipelined exact messages, auto-cork', size: 64, depth: 16, exact: true, most: 0.3 },
  brief: { title: 'echo, 64 B, a connection for each message', size: 64, depth: 1, exact: false, brief: true },
}
