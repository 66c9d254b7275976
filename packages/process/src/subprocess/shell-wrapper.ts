/** What a shell adds to the environment of its programs. */
const SHELL_VARIABLES = ['PWD', 'OLDPWD', 'SHLVL']
/** The names of variables that a shell passes on; some shells drop others. */
const SHELL_NAME = /^[A-Za-z_]\w*$/

/** What Node cannot do for a program but a shell can. */
interface Preparation {
  /** The mask to set; none if it is below 0. */
  readonly mask: number
  /** Whether to connect standard error to the same pipe as standard output. */
  readonly merge: boolean
}

/** The arguments of a shell that prepares and then executes a program, under the same pid and with the same environment. */
export function shellArguments(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { mask, merge }: Preparation,
): string[] {
  const added = SHELL_VARIABLES.filter((name) => env[name] === undefined)
  const dropped = Object.entries(env).filter(([name, value]) => value !== undefined && !SHELL_NAME.test(name))
  const script = [
    ...(mask < 0 ? [] : [`umask ${mask.toString(8)}`]),
    ...(added.length === 0 ? [] : [`unset ${added.join(' ')}`]),
    `exec ${dropped.length === 0 ? '' : '/usr/bin/env '}"$@"${merge ? ' 2>&1' : ''}`,
  ]
  const assignments = dropped.map(([name, value]) => `${name}=${value}`)
  return ['-c', script.join('; '), program, ...assignments, program, ...args]
}
