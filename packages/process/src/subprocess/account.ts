import { readFileSync } from 'node:fs'
import { show } from '@greenlit/core/engine'

const FILES = { user: '/etc/passwd', group: '/etc/group' } as const

/**
 * The id of a user or group, which may be given by its name.
 *
 * @throws {RangeError} if the system's file has no such name
 */
export function accountId(kind: keyof typeof FILES, account: number | string): number {
  if (typeof account === 'number') return account
  for (const line of readFileSync(FILES[kind], 'utf8').split('\n')) {
    const [name, , id] = line.split(':')
    if (name === account) return Number(id)
  }
  throw new RangeError(`Expected \`${kind}\` to be in ${FILES[kind]}, got ${show(account)}`)
}
