import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cachedFromEnvironment, environmentVariable } from '../environment/variables.ts'

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
 * A file that is not there or cannot be read counts as empty, and so does a home.
 *
 * @param url where to; its port does not count
 */
export function netrcLogin(url: URL): Login | undefined {
  const netrc = cachedFromEnvironment('.netrc', currentNetrc)
  if (netrc.size === 0) return undefined
  const login = netrc.get(url.hostname) ?? netrc.get('')
  // An entry that says nothing has its host asked without a login, whatever the default is.
  return login?.some((field) => field !== '') ? login : undefined
}

function currentNetrc(): Netrc {
  const named = environmentVariable('NETRC')
  const now = Date.now()
  if (known !== undefined && known.path === named && now - known.checkedAt < FRESH_FOR) return known.netrc
  return lookAgain(named, now)
}

function lookAgain(named: string | undefined, now: number): Netrc {
  for (const name of ['.netrc', '_netrc']) {
    const file = fileAt(named, name)
    if (file === undefined) continue
    if (known === undefined || known.path !== named || known.modifiedAt !== file.modifiedAt) {
      known = { path: named, checkedAt: now, modifiedAt: file.modifiedAt, netrc: read(file.path) }
    }
    known.checkedAt = now
    return known.netrc
  }
  known = { path: named, checkedAt: now, modifiedAt: -1, netrc: NOTHING }
  return NOTHING
}

/** The file of that name in the user's home, or the one that was named; `undefined` if there is none to be seen. */
function fileAt(named: string | undefined, name: string): { path: string; modifiedAt: number } | undefined {
  try {
    const path = named || join(homedir(), name)
    const file = statSync(path, { throwIfNoEntry: false })
    return file?.isFile() ? { path, modifiedAt: file.mtimeMs } : undefined
  } catch {
    // A service may run as a user who has no home, or with HOME being that of another, which is closed to it.
    return undefined
  }
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

/** A word: in quotes or up to the next white space; a backslash takes what follows it as it is. */
const WORD = /\s*(?:"((?:[^"\\]|\\.)*)"?|((?:[^\s\\]|\\.)+))/gsy
const REST_OF_LINE = /[^\n]*/y
/** A macro ends with an empty line. */
const MACRO = /[^\n]*(?:\n[^\n]+)*/y

/**
 * Reads a netrc file (Python: netrc): `machine`, `default`, `login` or `user`, `password`, `account`, which stands in for a login that is
 * missing; macros and comments are passed over. A `#` begins a comment only where a keyword may stand: a password may begin with it.
 * Of several entries for a host the last counts.
 *
 * @example
 * parseNetrc('machine example.org login me password secret').get('example.org') // ['me', 'secret']
 */
export function parseNetrc(text: string): Netrc {
  const logins = new Map<string, Login>()
  let at = 0
  const skip = (what: RegExp): void => {
    what.lastIndex = at
    what.exec(text)
    at = what.lastIndex
  }
  const next = (): string | undefined => {
    WORD.lastIndex = at
    const found = WORD.exec(text)
    if (found === null) return undefined
    at = WORD.lastIndex
    return (found[1] ?? found[2]!).replace(/\\(.)/gs, '$1')
  }
  let host: string | undefined
  let fields: Record<string, string> = {}
  const finish = (): void => {
    const { login, account = '', password = '' } = fields
    if (host !== undefined) logins.set(host, [login || account, password])
    fields = {}
  }
  for (let word = next(); word !== undefined; word = next()) {
    if (word.startsWith('#')) {
      skip(REST_OF_LINE)
    } else if (word === 'macdef') {
      skip(MACRO)
    } else if (word === 'machine' || word === 'default') {
      finish()
      host = word === 'machine' ? next() : ''
    } else if (word === 'login' || word === 'user' || word === 'password' || word === 'account') {
      fields[word === 'user' ? 'login' : word] = next() ?? ''
    }
  }
  finish()
  return logins
}
