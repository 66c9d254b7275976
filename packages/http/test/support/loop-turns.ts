import { setImmediate } from 'node:timers/promises'

/** Gives greenlets, and the sockets of this process, some turns of Node's event loop: those just spawned come as far as they can. */
export async function loopTurns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate()
}
