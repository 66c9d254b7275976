/**
 * The URL of a file of this package that a new process or thread can load: the one in `dist`, also while this runs from the sources.
 *
 * @param path below the source folder, without an ending
 */
export function builtFile(path: string): URL {
  const own = import.meta.url
  return own.endsWith('.ts') ? new URL(`../../dist/${path}.js`, own) : new URL(`./${path}.js`, own)
}
