import { sleep } from '@greenlit/core'
import type { Process } from './process.ts'

const children = new Set<Process>()
let watching = false

/** Registers a live child. */
export function addChild(child: Process): void {
  if (!watching) {
    watching = true
    process.on('exit', () => {
      for (const living of children) living.terminate()
    })
  }
  children.add(child)
}

/** Removes a child that has ended. */
export function removeChild(child: Process): void {
  children.delete(child)
}

/**
 * Returns the children of this process that are alive (Python: multiprocessing.active_children). The threads of a `ThreadPool` or
 * `ThreadPoolExecutor` are not among them.
 *
 * @example
 * for (const child of activeChildren()) child.terminate()
 */
export function activeChildren(): Process[] {
  return [...children].filter((child) => child.isListed)
}

/** Terminates the daemonic children and waits for the others, as Python does when a process exits. */
export async function finishChildren(): Promise<void> {
  // Children that are being started in this turn are registered by the next one.
  await sleep(0)
  for (const child of children) if (child.daemon) child.terminate()
  for (const child of children) await child.join()
}
