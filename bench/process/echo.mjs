/** The peer of the bare round trips: sends each message back to the parent process or thread. */
import { parentPort } from 'node:worker_threads'

if (parentPort === null) process.on('message', (message) => process.send(message))
else parentPort.on('message', (message) => parentPort.postMessage(message))
