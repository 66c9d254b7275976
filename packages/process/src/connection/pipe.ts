import { checkOptions, show } from '@greenlit/core/engine'
import { ObjectRef } from '../tree/object-ref.ts'
import { tree } from '../tree/tree.ts'
import { Connection } from './connection.ts'
import { PipeEnd } from './pipe-end.ts'

/**
 * Makes a pipe between processes (Python: multiprocessing.Pipe). An end is closed once every process that holds it has closed it or
 * has ended. Close your copy of an end that a child has received, or the other end does not notice the child's death.
 *
 * @param options `duplex`: whether both ends can read and write, the default; otherwise the first reads and the second writes
 * @example
 * const [reader, writer] = Pipe({ duplex: false })
 */
export function Pipe(options: { duplex?: boolean | undefined } = {}): [Connection, Connection] {
  const duplex = checkOptions(options).duplex ?? true
  if (typeof duplex !== 'boolean') throw new TypeError(`Expected \`duplex\` to be true or false, got ${show(duplex)}`)
  const first = new PipeEnd(tree.id)
  const second = new PipeEnd(tree.id)
  first.connect(second)
  return [new Connection(ObjectRef.local(first), true, duplex), new Connection(ObjectRef.local(second), duplex, true)]
}
