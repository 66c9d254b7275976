/**
 * The URL of a module of this package for a new process or thread to load: always the built file in `dist`, even when this code
 * runs from source.
 *
 * @param path relative to the source folder, without an extension
 */
export function builtFile(path: string): URL {
  const own = import.meta.url
  return own.endsWith('.ts') ? new URL(`../../dist/${path}.js`, own) : new URL(`./${path}.js`, own)
}
