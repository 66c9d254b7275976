/** The URL of a program of this package for a new process to load: always the one in `dist`, even when running from the sources. */
export function builtFile(path: string): URL {
  const own = import.meta.url
  return own.endsWith('.ts') ? new URL(`../../dist/${path}.js`, own) : new URL(`./${path}.js`, own)
}
