import type { Stream } from 'node:stream'

/** A stream that can be unreferenced so that it does not keep the program alive. */
export type PipeStream<S extends Stream = Stream> = S & { readonly destroyed: boolean; ref?(): void; unref?(): void }

/** Sets whether a stream keeps the program alive. */
export function holdStream(stream: PipeStream, holds: boolean): void {
  // Each of these calls would add a listener to a stream that is destroyed, for a handle that never comes.
  if (stream.destroyed) return
  if (holds) stream.ref?.()
  else stream.unref?.()
}
