import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { environmentVariable } from '../environment/variables.ts'

/** A user name and password for a host. */
export type Login = readonly [user: string, password: string]

/** Logins by host; the one for any other host is under the empty name. */
export type Netrc = ReadonlyMap<string, Login>

/** A file is looked at again after this time, in milliseconds. */
const FRESH_FOR = 1000

const NOTHING: Netrc = new Map()
let known: { path: string | undefined; checkedAt: number; modifiedAt: number; netrc: Netrc } | undefined

/**
 * The login for a host from the file that `NETRC` names, or else `.netrc` or `_netrc` of the user's home (requests: get_netrc_auth).
 * A file that is not there or not readable counts as empty.
 *
 * @param host without its port
 */
export function netrcLogin(host: string): Login | undefined {
  const netrc = currentNetrc()
  if (netrc.size === 0) return undefined
  return netrc.get(host) ?? netrc.get('')
}

function currentNetrc(): Netrc {
  const named = environmentVariable('NETRC')
  const now = Date.now()
  if (known !== undefined && known.path === named && now - known.checkedAt < FRESH_FOR) return known.netrc
  for (const path of named ? [named] : [join(homedir(), '.netrc'), join(homedir(), '_netrc')]) {
    const file = statSync(path, { throwIfNoEntry: false })
    if (file === undefined || !file.isFile()) continue
    if (known === undefined || known.path !== named || known.modifiedAt !== file.mtimeMs) {
      known = { path: named, checkedAt: now, modifiedAt: file.mtimeMs, netrc: read(path) }
    }
    known.checkedAt = now
    return known.netrc
  }
  known = { path: named, checkedAt: now, modifiedAt: -1, netrc: NOTHING }
  return NOTHING
}

function read(path: string): Netrc {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return NOTHING
  }
  return parseNetrc(text)
}

/**
 * Reads a netrc file (Python: netrc): `machine`, `default`, `login` or `user`, `password`, `account`; macros and comments are passed
 * over. Of several entries for a host the last counts.
 *
 * @example
 * parseNetrc('machine example.org login me password secret').get('example.org') // ['me', 'secret']
 */
export function parseNetrc(text: string): Netrc {
  const logins = new Map<string, Login>()
  const withoutMacros = text.replace(/^[ \t]*macdef\b[^\n]*\n(?:[^\n]+\n?)*/gm, '\n')
  const words = withoutMacros.replace(/(^|\s)#[^\n]*/g, '$1').match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []
  let host: string | undefined
  let login = ''
  let password = ''
  const finish = (): void => {
    if (host !== undefined) logins.set(host, [login, password])
    login = ''
    password = ''
  }
  for (let index = 0; index < words.length; index += 1) {
    switch (words[index]) {
      case 'machine':
        finish()
        host = unquote(words[++index])
        break
      case 'default':
        finish()
        host = ''
        break
      case 'login':
      case 'user':
        login = unquote(words[++index])
        break
      case 'password':
        password = unquote(words[++index])
        break
      case 'account':
        index += 1
        break
    }
  }
  finish()
  return logins
}

function unquote(word: string | undefined): string {
  if (word === undefined) return ''
  return word.startsWith('"') && word.endsWith('"') && word.length > 1
    ? word.slice(1, -1).replace(/\\(.)/g, '$1')
    : word
}
