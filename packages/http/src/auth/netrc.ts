import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cachedFromEnvironment, environmentVariable } from '../environment/variables.ts'

/** A user name and password for a host. */
export type Login = readonly [user: string, password: string]

/** Logins by host; the default login is under the empty name. */
export type Netrc = ReadonlyMap<string, Login>

/** How long a file is used before it is checked for changes, in milliseconds. */
const FRESH_FOR = 1000

const NOTHING: Netrc = new Map()
let known: { path: string | undefined; checkedAt: number; modifiedAt: number; netrc: Netrc } | undefined

/**
 * Returns the login for a host from the file named by `NETRC`, or else from `.netrc` or `_netrc` in the user's home directory
 * (requests: get_netrc_auth). A file, or home directory, that is missing or unreadable counts as empty.
 *
 * @param url the URL whose host to look up; its port does not matter
 */
export function netrcLogin(url: URL): Login | undefined {
  const netrc = cachedFromEnvironment('.netrc', currentNetrc)
  if (netrc.size === 0) return undefined
  const login = netrc.get(url.hostname) ?? netrc.get('')
  // An empty entry means that its host gets no login, not even the default one.
  return login?.some((field) => field !== '') ? login : undefined
}

function currentNetrc(): Netrc {
  const named = environmentVariable('NETRC')
  const now = Date.now()
  if (known !== undefined && known.path === named && now - known.checkedAt < FRESH_FOR) return known.netrc
  return reload(named, now)
}

function reload(named: string | undefined, now: number): Netrc {
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

/** Finds the file `name` in the user's home directory, or the explicitly named one; `undefined` if there is none. */
function fileAt(named: string | undefined, name: string): { path: string; modifiedAt: number } | undefined {
  try {
    const path = named || join(homedir(), name)
    const file = statSync(path, { throwIfNoEntry: false })
    return file?.isFile() ? { path, modifiedAt: file.mtimeMs } : undefined
  } catch {
    // A service may run as a user without a home directory, or with HOME set to another user's, which it may not read.
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

/** A word: quoted, or up to the next white space; a backslash escapes the next character. */
const WORD = /\s*(?:"((?:[^"\\]|\\.)*)"?|((?:[^\s\\]|\\.)+))/gsy
const REST_OF_LINE = /[^\n]*/y
/** A macro ends with an empty line. */
const MACRO = /[^\n]*(?:\n[^\n]+)*/y

/**
 * Parses a netrc file (Python: netrc): `machine`, `default`, `login` or `user`, `password`, and `account`, which is used if `login`
 * is missing; macros and comments are ignored. A `#` starts a comment only where a keyword may appear, as a password may begin with
 * one. Of several entries for a host the last one wins.
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
