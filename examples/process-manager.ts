/** Ten processes fill the dict and the list of a manager. */
import { type DictProxy, type ListProxy, Manager, Process, parentProcess } from '@greenlit/process'

export function* fill(dict: DictProxy<number, number>, list: ListProxy<number>, number: number) {
  yield* dict.set(number, number * number)
  yield* list.append(number)
}

async function main() {
  const manager = new Manager()
  await manager.start()
  const dict = manager.dict<number, number>()
  const list = manager.list<number>()
  const target = { module: import.meta.url, export: 'fill' }
  const children = Array.from({ length: 10 }, (_, number) => new Process({ target, args: [dict, list, number] }))
  for (const child of children) child.start()
  for (const child of children) await child.join()
  const squares = (await dict.items()).sort(([one], [other]) => one - other)
  console.log(`the dict: ${squares.map(([number, square]) => `${number}: ${square}`).join(', ')}`)
  console.log(`the list, sorted: ${(await list.copy()).sort().join(' ')}`)
  await manager.shutdown()
}

if (parentProcess() === undefined) await main()
