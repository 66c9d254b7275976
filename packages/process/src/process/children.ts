import { sleep } from '@greenlit/core'
import type { Process } from './process.ts'

const children = new Set<Process>()
let watching = false

/** Remembers a child while it lives. */
export function addChild(child: Process): void {
  if (!watching) {
    watching = true
    process.on('exit', () => {
      for (const living of children) living.terminate()
    })
  }
  children.add(child)
}

/** A child has ended. */
export function removeChild(child: Process): void {
  children.delete(child)
}

/**
 * The children that are alive (Python: multiprocessing.active_children).
 *
 * @example
 * for (const child of activeChildren()) child.terminate()
 */
export function activeChildren(): Process[] {
  return [...children]
}

/** Does what Python does at the end of a process: ends the daemonic children, and waits for the others. */
export async function finishChildren(): Promise<void> {
  // Whatever was started in this turn is known by the next.
  await sleep(0)
  for (const child of children) if (child.daemon) child.terminate()
  for (const child of children) await child.join()
}
