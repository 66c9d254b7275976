import { show } from '@greenlit/core/engine'
import { osError } from '../errors/make.ts'

/** The options that were set, by level and name. Most sockets have none. */
export class Options {
  private values: Map<string, number> | null = null

  get(level: number, name: number): number | undefined {
    return this.values?.get(`${level}/${name}`)
  }

  set(level: number, name: number, value: number): void {
    this.values ??= new Map()
    this.values.set(`${level}/${name}`, value)
  }

  /** Goes through what was set, in order. */
  *entries(): Generator<[level: number, name: number, value: number]> {
    if (this.values === null) return
    for (const [key, value] of this.values) {
      const [level, name] = key.split('/').map(Number)
      yield [level!, name!, value]
    }
  }
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
