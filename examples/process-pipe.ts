/** Two children of one process talk to each other through a pipe. */
import { type Connection, Pipe, Process, parentProcess } from '@greenlit/process'

export function* older(connection: Connection) {
  yield* connection.send('do you hear me?')
  console.log(`the older hears: ${yield* connection.recv<string>()}`)
}

export function* younger(connection: Connection) {
  console.log(`the younger hears: ${yield* connection.recv<string>()}`)
  yield* connection.send('loud and clear')
}

async function main() {
  const [one, other] = Pipe()
  const brothers = [
    new Process({ target: { module: import.meta.url, export: 'older' }, args: [one] }),
    new Process({ target: { module: import.meta.url, export: 'younger' }, args: [other] }),
  ]
  for (const brother of brothers) brother.start()
  // The children have their own copies; while ours are open, neither would notice that the other has ended.
  one.close()
  other.close()
  for (const brother of brothers) await brother.join()
}

if (parentProcess() === undefined) await main()
