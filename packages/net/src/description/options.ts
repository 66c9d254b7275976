import { show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'

const MAX_SHARED = 256
let shared = 0

/** An option that was set, and its value. */
export interface Setting {
  readonly level: number
  readonly name: number
  readonly value: number
}

/**
 * The options set on a socket, in order. Instances are immutable, and sockets with the same history of options share one, up to a
 * bound: most sockets set none, and a server sets the same ones on each of its connections.
 */
export class Options {
  static readonly NONE: Options = new Options([])
  readonly settings: readonly Setting[]
  /** The instances derived from this one by setting one more option, like the transitions of a hidden class in V8. */
  private readonly transitions: Options[] = []

  private constructor(settings: readonly Setting[]) {
    this.settings = settings
  }

  get(level: number, name: number): number | undefined {
    const { settings } = this
    for (let index = 0; index < settings.length; index += 1) {
      const setting = settings[index]!
      if (setting.level === level && setting.name === name) return setting.value
    }
    return undefined
  }

  /** Returns these options with one added or changed. */
  with(level: number, name: number, value: number): Options {
    for (let index = 0; index < this.transitions.length; index += 1) {
      const { settings } = this.transitions[index]!
      const last = settings[settings.length - 1]!
      if (last.level === level && last.name === name && last.value === value) return this.transitions[index]!
    }
    return this.transition(level, name, value)
  }

  /** Returns these options with one removed. */
  without(level: number, name: number): Options {
    return this.others(level, name).reduce(
      (kept, other) => kept.with(other.level, other.name, other.value),
      Options.NONE,
    )
  }

  private others(level: number, name: number): Setting[] {
    return this.settings.filter((setting) => setting.level !== level || setting.name !== name)
  }

  private transition(level: number, name: number, value: number): Options {
    const made = new Options([...this.others(level, name), { level, name, value }])
    if (shared < MAX_SHARED) {
      shared += 1
      this.transitions.push(made)
    }
    return made
  }
}

/** Validates the numbers that identify an option. */
export function checkOption(level: unknown, name: unknown): void {
  checkNumber(level, 'level')
  checkNumber(name, 'option')
}

function checkNumber(value: unknown, word: string): void {
  if (!Number.isInteger(value)) throw new TypeError(`Expected \`${word}\` to be a whole number, got ${show(value)}`)
}

/** Returns the error for an option that Node cannot set or read. */
export function noOption(level: number, name: number): Error {
  return osError('ENOPROTOOPT', `Protocol not available: Node cannot set or read option ${name} of level ${level}`)
}
