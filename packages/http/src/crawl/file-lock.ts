import { randomUUID } from 'node:crypto'
import { lstatSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { show } from '@greenlit/core/engine'
import { realPath } from './real-path.ts'

/** How often a holder shows that it lives, and for how long a silent one of another machine is believed to. */
const HEARTBEAT = 10_000
const SILENCE = 60_000
/** A lock file is empty for a moment: from when it is made to when it is written. */
const MOMENT = 5000

interface Holder {
  readonly token: string
  readonly pid: number
  /** When the process began, as the system counts: numbers of processes are given again. */
  readonly started: string | undefined
  readonly machine: string
}

/** The locks of this process, by file. */
const held = new Map<string, FileLock>()

/**
 * Keeps a file to one process, whatever links lead to it: by another file beside it, `.lock`, that names the holder. What a process
 * left behind that is gone, as after a `kill -9`, holds nobody up. Within a process the last one who asks has the lock.
 */
export class FileLock {
  private readonly file: string
  private readonly token: string = randomUUID()
  private readonly heartbeat: NodeJS.Timeout
  private state: 'held' | 'lost' | 'released' = 'held'

  /**
   * @param path the file to be kept
   * @throws {RangeError} if another process has it; what the system says if the lock cannot be made
   */
  constructor(path: string) {
    this.file = `${realPath(path)}.lock`
    const before = held.get(this.file)
    if (before !== undefined) before.release('lost')
    this.take(path)
    held.set(this.file, this)
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT).unref()
  }

  /** Whether another has taken it over: of this process, or of one to which this one seemed gone. */
  get isLost(): boolean {
    return this.state === 'lost'
  }

  /** Lets go of it, if it is still held. */
  release(state: 'lost' | 'released' = 'released'): void {
    if (this.state !== 'held') return
    this.state = state
    clearInterval(this.heartbeat)
    held.delete(this.file)
    if (this.isOurs()) rmSync(this.file, { force: true })
  }

  private take(path: string): void {
    const { token } = this
    const holder: Holder = { token, pid: process.pid, started: startOf(process.pid), machine: hostname() }
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

  /** Takes a lock away that was found stale, and no other that another process has put in its place since. */
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
      // The next beat finds out what became of it.
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
    // A link that leads nowhere says nothing, and stands in the way all the same.
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
  if (holder === undefined) return ageOf(file) < MOMENT
  if (holder.machine !== hostname()) return ageOf(file) < SILENCE
  if (holder.pid === process.pid) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = startOf(holder.pid)
  return started === undefined || holder.started === undefined || started === holder.started
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return Infinity
  }
}

/** When a process began, where the system tells; a zombie, which is over, began never. */
function startOf(pid: number): string | undefined {
  let line: string
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The name of the program, in brackets, may hold anything.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? 'never' : fields[19]
}
