import { AsyncLocalStorage } from 'node:async_hooks'
import { identity } from './identity.ts'
import { mainModule } from './program.ts'

/** The import of a target's module. */
interface Import {
  readonly module: string
  isOver: boolean
}

const running = /* @__PURE__ */ new AsyncLocalStorage<Import>()

/** Imports a target's module, and knows it meanwhile from what else this process does. */
export async function importModule(module: string): Promise<Record<string, unknown>> {
  const own: Import = { module, isOver: false }
  try {
    return (await running.run(own, () => import(module))) as Record<string, unknown>
  } finally {
    own.isOver = true
  }
}

/**
 * Returns what a child is told: the modules that have already started processes while they were imported, and the main program's,
 * which has done so if it names itself as a target.
 */
export function modulesAtStart(): readonly string[] {
  const own = running.getStore()
  const main = mainModule()
  const known = identity.modulesAtStart ?? (main === undefined ? [] : [main])
  return own === undefined || own.isOver ? known : [...known, own.module]
}

/** Throws if a module that is being imported starts a process that would import it, and start another, without end. */
export function checkNoRecursion(): void {
  const own = running.getStore()
  if (own === undefined || own.isOver || !identity.modulesAtStart?.includes(own.module)) return
  throw new Error(
    `Expected ${own.module} to start no process while a child imports it, or each child would start another: ` +
      'put what only the main program should do under `if (parentProcess() === undefined)`',
  )
}
