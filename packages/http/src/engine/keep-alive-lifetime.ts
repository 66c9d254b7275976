/** How long a server keeps an idle connection, in milliseconds, from its `Keep-Alive` header; `Infinity` if that does not say. */
export function keepAliveLifetime(keepAlive: string): number {
  const seconds = /(?:^|[\s,;])timeout=(\d+)/i.exec(keepAlive)?.[1]
  return seconds === undefined ? Infinity : Number(seconds) * 1000
}
