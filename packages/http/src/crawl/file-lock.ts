import { lstatSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { show } from '@greenlit/core/engine'
import { realPath } from './real-path.ts'

/** How often a holder touches its lock file, and after how long without that a holder on another machine counts as dead. */
const HEARTBEAT = 10_000
const STALE_AFTER = 60_000
/** How long an unreadable lock file counts as held: the file is briefly empty, between being created and being written. */
const CREATION_TIME = 5000

interface Holder {
  readonly token: string
  readonly pid: number
  /** The start time of the process, in the system's units. It tells processes apart, since process ids are reused. */
  readonly started: string | undefined
  readonly machine: string
}

/** The locks held by this process, by lock file. */
const held = new Map<string, FileLock>()

/**
 * Restricts a file to one process by means of a `.lock` file beside it that names the holder. Symbolic links are resolved first. A
 * lock left behind by a dead process, for example after a `kill -9`, is taken over. Within a process the newest lock wins.
 */
export class FileLock {
  private readonly file: string
  private readonly token: string = crypto.randomUUID()
  private readonly heartbeat: NodeJS.Timeout
  private state: 'held' | 'lost' | 'released' = 'held'

  /**
   * @param path the file to lock
   * @throws {RangeError} if another process holds the lock; the system's error if the lock file cannot be created
   */
  constructor(path: string) {
    this.file = `${realPath(path)}.lock`
    const before = held.get(this.file)
    if (before !== undefined) before.release('lost')
    this.take(path)
    held.set(this.file, this)
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT).unref()
  }

  /** Whether the lock was taken over: by a newer lock in this process, or by a process that believed this one to be dead. */
  get isLost(): boolean {
    return this.state === 'lost'
  }

  /** Releases the lock if it is still held. */
  release(state: 'lost' | 'released' = 'released'): void {
    if (this.state !== 'held') return
    this.state = state
    clearInterval(this.heartbeat)
    held.delete(this.file)
    if (this.isOurs()) rmSync(this.file, { force: true })
  }

  private take(path: string): void {
    const { token } = this
    const holder: Holder = { token, pid: process.pid, started: startTimeOf(process.pid), machine: hostname() }
    for (;;) {
      try {
        writeFileSync(this.file, JSON.stringify(holder), { flag: 'wx' })
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const found = readIfThere(this.file)
      if (found === undefined) continue
      const other = holderIn(found)
      if (isAlive(other, this.file)) {
        const who = other === undefined ? 'another process' : `process ${other.pid} on ${other.machine}`
        throw new RangeError(`Expected a file that nobody uses, got ${show(path)}, which ${who} has (${this.file})`)
      }
      this.removeStale(found)
    }
  }

  /** Removes a stale lock file, but not one that another process has since put in its place. */
  private removeStale(found: string): void {
    const aside = `${this.file}.${this.token}`
    try {
      renameSync(this.file, aside)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    if (readIfThere(aside) === found) rmSync(aside, { force: true })
    else renameSync(aside, this.file)
  }

  private beat(): void {
    const time = new Date()
    try {
      if (this.isOurs()) {
        utimesSync(this.file, time, time)
      } else {
        this.state = 'lost'
        clearInterval(this.heartbeat)
      }
    } catch {
      // The next heartbeat tries again.
    }
  }

  private isOurs(): boolean {
    return holderIn(readIfThere(this.file) ?? '')?.token === this.token
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    // A dangling symbolic link cannot be read, but prevents the file from being created.
    return lstatSync(file, { throwIfNoEntry: false }) === undefined ? undefined : ''
  }
}

function holderIn(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder
    return typeof holder.pid === 'number' && typeof holder.machine === 'string' ? holder : undefined
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder | undefined, file: string): boolean {
  if (holder === undefined) return ageOf(file) < CREATION_TIME
  if (holder.machine !== hostname()) return ageOf(file) < STALE_AFTER
  if (holder.pid === process.pid) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = startTimeOf(holder.pid)
  return started === undefined || holder.started === undefined || started === holder.started
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return Infinity
  }
}

/** Returns the start time of a process; `'never'` for a zombie, which is dead; `undefined` if the system does not tell. */
function startTimeOf(pid: number): string | undefined {
  let line: string
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The program name, in parentheses, may contain anything, so parse behind the last one.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? 'never' : fields[19]
}
