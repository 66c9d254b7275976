import { type ChildProcess, spawn } from 'node:child_process'

/**
 * A shell script that kills the listed processes once its standard input ends, which happens however this process ends. A child
 * notices by itself that its parent is gone, but not while it computes, so it is given one second to exit and is then killed.
 */
const SCRIPT = `trap '' INT TERM HUP
pids=' '
files=''
while read -r verb what; do
  case "$verb" in
    +) pids="$pids$what ";;
    -) case "$pids" in *" $what "*) pids="\${pids%% $what *} \${pids#* $what }";; esac;;
    f) files="$what";;
  esac
done
case "$pids" in *[0-9]*) sleep 1; kill -9 $pids;; esac 2>/dev/null
[ -z "$files" ] || rm -rf "$files"`

let guardian: ChildProcess | undefined
let guarded = 0
let folder: string | undefined

function tell(line: string): void {
  if (process.platform === 'win32') return
  if (guardian === undefined) {
    guardian = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    guardian.on('error', () => {})
    guardian.stdin!.on('error', () => {})
    guardian.unref()
    ;(guardian.stdin as unknown as { unref(): void }).unref()
  }
  guardian.stdin!.write(`${line}\n`)
}

/** Ends the guardian once nothing is left to guard. */
function dismiss(): void {
  if (guardian === undefined || guarded > 0 || folder !== undefined) return
  guardian.stdin!.end()
  guardian = undefined
}

/** Ensures that a process does not outlive this one. */
export function guard(pid: number): void {
  guarded += 1
  tell(`+ ${pid}`)
}

/** Stops guarding a process that has ended. */
export function unguard(pid: number): void {
  guarded -= 1
  tell(`- ${pid}`)
  dismiss()
}

/** Ensures that a folder is deleted when this process ends. */
export function guardFolder(path: string): void {
  folder = path
  tell(`f ${path}`)
}
