import { describe } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { NodeEngine } from '../../src/engine/node-engine.ts'

/** Makes an engine. */
export type MakeEngine = () => Engine

/** The engines that every test of a request runs on. */
export const ENGINES: readonly (readonly [name: string, make: MakeEngine])[] = [['node:http', () => new NodeEngine()]]

/** Describes behaviour that must be the same on each engine. */
export function onEachEngine(subject: string, tests: (makeEngine: MakeEngine) => void): void {
  describe.each(ENGINES)(`${subject}, on %s`, (_name, makeEngine) => tests(makeEngine))
}
