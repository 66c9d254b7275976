/** A variant that runs on another library, which is loaded only in the variant's own process. */
export function peer(library, name) {
  return async () => (await import(`../peers/${library}.mjs`))[name]()
}
