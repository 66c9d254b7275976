import { show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'

type Settings = readonly (readonly [level: number, name: number, value: number])[]

const NONE: Settings = []
const MOST_SHARED = 256
/** Equal settings are one list: a server sets the same on each of its connections. */
const shared = new Map<string, Settings>()

/** The options that were set, by level and name. Most sockets have none or one: a map would be larger than all the rest. */
export class Options {
  private settings = NONE

  get(level: number, name: number): number | undefined {
    for (const [knownLevel, known, value] of this.settings) if (knownLevel === level && known === name) return value
    return undefined
  }

  set(level: number, name: number, value: number): void {
    const others = this.settings.filter(([knownLevel, known]) => knownLevel !== level || known !== name)
    this.settings = share([...others, [level, name, value]])
  }

  /** What was set, in order. */
  entries(): Settings {
    return this.settings
  }
}

function share(settings: Settings): Settings {
  const key = settings.join()
  const known = shared.get(key)
  if (known === undefined && shared.size < MOST_SHARED) shared.set(key, settings)
  return known ?? settings
}

/** Checks an option's numbers. */
export function checkOption(level: unknown, name: unknown): void {
  for (const [word, value] of [
    ['level', level],
    ['option', name],
  ]) {
    if (!Number.isInteger(value)) throw new TypeError(`Expected \`${word}\` to be a whole number, got ${show(value)}`)
  }
}

/** What an option gets that Node cannot set. */
export function noOption(level: number, name: number): Error {
  return osError('ENOPROTOOPT', `Protocol not available: Node cannot set or read option ${name} of level ${level}`)
}
