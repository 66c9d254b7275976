import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** Whether Node was given the program itself, as with `--eval`, and no file. */
export function isText(): boolean {
  return process.execArgv.some((flag) => /^(-e|-p|-pe|--eval|--print|--input-type)\b/.test(flag))
}

/** The program's arguments, which its children get too: a module that reads them finds the same in all. */
export function programArguments(): string[] {
  return process.argv.slice(isText() ? 1 : 2)
}

/** The URL of the file that the program was started with, if any. */
export function mainModule(): string | undefined {
  const path = process.argv[1]
  try {
    return path === undefined || isText() ? undefined : pathToFileURL(realpathSync(path)).href
  } catch {
    return undefined
  }
}
