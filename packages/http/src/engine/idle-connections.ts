/** How many idle connections an engine keeps in all: with many hosts they would use up the process's file descriptors. */
const MAX_IDLE_IN_TOTAL = 500

/** The idle connections of an engine to all hosts. If they are too many, the one that has been idle longest is closed. */
export class IdleConnections<Connection> {
  /** In the order in which they became idle. */
  private readonly all = new Set<Connection>()
  private readonly close: (connection: Connection) => void

  /** @param close closes a connection */
  constructor(close: (connection: Connection) => void) {
    this.close = close
  }

  /** Records that a connection has become idle. */
  add(connection: Connection): void {
    this.all.add(connection)
    if (this.all.size <= MAX_IDLE_IN_TOTAL) return
    const [oldest] = this.all
    this.all.delete(oldest!)
    this.close(oldest!)
  }

  /** Records that a connection is in use again, or closed. */
  delete(connection: Connection): void {
    this.all.delete(connection)
  }
}
