/** How long a server keeps a silent connection, in milliseconds, as a `Keep-Alive` header tells it; `Infinity` if it does not. */
export function lifetimeIn(keepAlive: string): number {
  const seconds = /(?:^|[\s,;])timeout=(\d+)/i.exec(keepAlive)?.[1]
  return seconds === undefined ? Infinity : Number(seconds) * 1000
}
