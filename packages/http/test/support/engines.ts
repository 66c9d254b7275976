import * as undici from 'undici'
import { describe } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { NodeEngine } from '../../src/engine/node-engine.ts'
import { NativeEngine } from '../../src/native/native-engine.ts'
import type { ClientClass } from '../../src/undici/client.ts'
import { UndiciEngine } from '../../src/undici/undici-engine.ts'

/** Creates an engine. */
export type MakeEngine = () => Engine

type Undici = { Client: ClientClass }

/** undici 8 cannot be loaded on Node 20. */
const undici8 = await import('undici-8').catch(() => undefined)

/** The engines that every test of a request runs on. */
export const ENGINES: readonly (readonly [name: string, make: MakeEngine])[] = [
  ['node:http', () => new NodeEngine()],
  ['native', () => new NativeEngine()],
  ['undici 7', () => new UndiciEngine((undici as Undici).Client)],
  ...(undici8 === undefined
    ? []
    : [['undici 8', () => new UndiciEngine((undici8 as unknown as Undici).Client)] as const]),
]

/** Describes behaviour that must be the same on each engine. */
export function onEachEngine(subject: string, tests: (makeEngine: MakeEngine) => void): void {
  describe.each(ENGINES)(`${subject}, on %s`, (_name, makeEngine) => tests(makeEngine))
}
