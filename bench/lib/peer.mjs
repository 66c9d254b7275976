/** A variant that runs on another library, which is loaded in its own process only. */
export function peer(library, name) {
  return async () => (await import(`../peers/${library}.mjs`))[name]()
}
