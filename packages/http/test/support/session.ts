import { afterEach, beforeEach } from 'vitest'
import type { SessionOptions } from '../../src/session/options.ts'
import { Session } from '../../src/session/session.ts'
import type { MakeEngine } from './engines.ts'

/** A session for each test of a group, closed at its end; it ignores the environment. */
export function useSession(makeEngine: MakeEngine, options: SessionOptions = {}): { readonly current: Session } {
  const holder: { current: Session } = { current: undefined as unknown as Session }
  beforeEach(() => {
    holder.current = new Session({ trustEnv: false, ...options, engine: makeEngine() })
  })
  afterEach(() => holder.current.close())
  return holder
}

/** A resource that is created for each test and closed at its end. */
export function useClosing<T extends { close(): unknown }>(start: () => T | Promise<T>): { readonly current: T } {
  const holder: { current: T } = { current: undefined as unknown as T }
  beforeEach(async () => {
    holder.current = await start()
  })
  afterEach(async () => {
    await holder.current.close()
  })
  return holder
}
