/** The entry point of every child: opens its connection to its parent. */
import { parentPort } from 'node:worker_threads'
import { PipeTransport } from '../transport/pipe-transport.ts'
import { PortTransport } from '../transport/port-transport.ts'
import { runChild } from './run-child.ts'

/** The file descriptor of the pipe to the parent, after the standard streams and Node's own channel. */
const PIPE_FD = 4

runChild(parentPort === null ? new PipeTransport(PIPE_FD) : new PortTransport(parentPort))
