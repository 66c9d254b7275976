/** The entry point of every child: opens its connection to its parent. */
import { parentPort } from 'node:worker_threads'
import { PipeTransport } from '../transport/pipe-transport.ts'
import { PortTransport } from '../transport/port-transport.ts'
import { runChild } from './run-child.ts'

/** The file descriptors of the pipes from and to the parent, after the standard streams and Node's own channel. */
const INPUT_FD = 4
const OUTPUT_FD = 5

runChild(parentPort === null ? new PipeTransport(INPUT_FD, OUTPUT_FD) : new PortTransport(parentPort))
