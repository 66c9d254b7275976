import { show, wrongType, wrongValue } from '@greenlit/core/engine'
import { checkData } from './data.ts'
import type { PopenOptions } from './options.ts'
import { nodeEncoding, TextCodec } from './text-codec.ts'

/** Options of Python's `Popen` that Node does not support, with the only value that is accepted: the one that has no effect. */
const UNSUPPORTED: Readonly<Record<string, unknown>> = {
  preexecFn: undefined,
  closeFds: true,
  restoreSignals: true,
  startupinfo: undefined,
  creationflags: 0,
  pipesize: -1,
  processGroup: -1,
  extraGroups: undefined,
}

/** What options have to be; other values of the right type, which `typeof` tells, are out of range. */
const OPTION_RULES: Readonly<
  Record<string, readonly [words: string, fits: (value: unknown) => boolean, type?: string]>
> = {
  shell: ['true, false or the name of a shell', (value) => typeof value === 'boolean' || isName(value)],
  cwd: ['a path or a URL', (value) => typeof value === 'string' || value instanceof URL],
  env: ['an object of strings', isEnvironment],
  executable: ['the name of a program', isName],
  text: ['true or false', isBoolean],
  universalNewlines: ['true or false', isBoolean],
  encoding: [
    'an encoding that Node has',
    (value) => typeof value === 'string' && nodeEncoding(value) !== undefined,
    'string',
  ],
  errors: [
    "'strict', 'replace' or 'ignore'",
    (value) => ['strict', 'replace', 'ignore'].includes(value as string),
    'string',
  ],
  bufsize: ['a whole number', Number.isInteger],
  startNewSession: ['true or false', isBoolean],
  umask: ['a file mode mask such as 0o077', isMask, 'number'],
  user: ['the number or name of a user', isAccount, 'number'],
  group: ['the number or name of a group', isAccount, 'number'],
  passFds: ['an array of file descriptors', (value) => Array.isArray(value) && value.every(Number.isInteger)],
}

/** Checks all options except the standard streams. */
export function checkOptions(options: PopenOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Expected \`options\` to be an object, got ${show(options)}`)
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue
    if (Object.hasOwn(UNSUPPORTED, name) && value !== UNSUPPORTED[name])
      throw new TypeError(`Expected no \`${name}\`, got ${show(value)}: Node cannot start a program that way`)
    const [words, fits, type] = OPTION_RULES[name] ?? []
    if (fits?.(value) === false) throw (typeof value === type ? wrongValue : wrongType)(name, words!, value)
  }
  const { text, universalNewlines, env, passFds } = options
  const bad = passFds?.find((fd) => fd < 0)
  if (bad !== undefined) throw new RangeError(`Expected \`passFds\` to be file descriptors, got ${bad} among them`)
  for (const name of ['cwd', 'executable', 'shell'] as const) {
    const value = options[name]
    if (typeof value === 'string' && value.includes('\0'))
      throw new RangeError(`Expected \`${name}\` without null characters, got ${show(value)}`)
  }
  if (isBoolean(text) && isBoolean(universalNewlines) && text !== universalNewlines)
    throw new TypeError('Expected `text` and `universalNewlines`, which are the same, not to contradict each other')
  for (const [name, value] of Object.entries(env ?? {})) {
    if (name.includes('=') || name.includes('\0') || value?.includes('\0') === true)
      throw new RangeError(`Expected \`env\` without null characters, and no = in a name, got ${show(name)}`)
  }
}

/** Checks the optional input for a program. */
export function checkInput(input: unknown): Uint8Array | string | undefined {
  return input === undefined || input === null ? undefined : checkData(input, 'input')
}

/** The codec for text in the pipes; `undefined` if they carry bytes. */
export function codecOf(options: PopenOptions): TextCodec | undefined {
  const { text, universalNewlines, encoding, errors } = options
  const isText = text || universalNewlines || encoding || errors
  return isText ? new TextCodec(nodeEncoding(encoding ?? 'utf8')!, errors ?? undefined) : undefined
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || Array.isArray(value)) return false
  return Object.values(value!).every((one) => one === undefined || typeof one === 'string')
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isMask(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= -1 && (value as number) <= 0o777
}

function isAccount(value: unknown): boolean {
  // Node takes no greater ids.
  return isName(value) || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0x7fff_ffff)
}
