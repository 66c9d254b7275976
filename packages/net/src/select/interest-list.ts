import type { Observer, Pollable } from '../description/description.ts'
import { mayHideInput } from './readiness-wait.ts'

/** The read event, which has the same value for selectors (EVENT_READ) and poll objects (POLLIN). */
const READ = 1

/** A wait for any interest of a list to become ready. */
export interface ListWaiter {
  /** Called when a pollable is added during the wait. */
  added(pollable: Pollable): void
  /** Called when a pollable has become ready. */
  changed(pollable: Pollable): void
  /** Ends the wait. */
  stop(error: unknown): void
}

/** An entry of an interest list: a pollable and the events to wait for. */
export class Interest implements Observer {
  readonly pollable: Pollable
  readonly fd: number
  /** Position in the order of registration. */
  readonly order: number
  events: number
  private readonly list: InterestList

  constructor(list: InterestList, fd: number, pollable: Pollable, events: number, order: number) {
    this.list = list
    this.pollable = pollable
    this.fd = fd
    this.events = events
    this.order = order
  }

  /** Whether it waits for input from outside the process, which becomes visible only in a later turn of Node's event loop. */
  get readsExternally(): boolean {
    return (this.events & READ) !== 0 && this.pollable.isExternal
  }

  changed(): void {
    this.list.changed(this)
  }
}

/** A ready interest and the events it is ready for. */
export type ReadyInterest = [interest: Interest, events: number]

/**
 * Pollables that are registered once and waited on often. As with epoll, a check costs time for each ready entry, not for each
 * registered one: an entry that may have become ready is made a candidate, and stays one until a check finds it not ready.
 *
 *     registered, changed ---> candidate ---check---> ready: stays a candidate for the next check
 *                                  `---------check---> not ready, and open: no longer a candidate
 */
export class InterestList {
  private readonly readyFor: (pollable: Pollable) => number
  private readonly interests = new Map<number, Interest>()
  private readonly candidates = new Set<Interest>()
  /** Interests that may be observed only during waits, and therefore always stay candidates. */
  private readonly transient = new Set<Interest>()
  private readonly waiters = new Set<ListWaiter>()
  private additions = 0
  private external = 0
  private externalReaders = 0

  /** @param readyFor returns the events that a pollable is ready for, as a bit mask */
  constructor(readyFor: (pollable: Pollable) => number) {
    this.readyFor = readyFor
  }

  /** Whether something outside the hub can make one of the pollables ready. */
  get isExternal(): boolean {
    return this.external > 0
  }

  get(fd: number): Interest | undefined {
    return this.interests.get(fd)
  }

  add(fd: number, pollable: Pollable, events: number): void {
    const interest = new Interest(this, fd, pollable, events, this.additions)
    this.additions += 1
    this.interests.set(interest.fd, interest)
    this.candidates.add(interest)
    this.count(interest, 1)
    if (!pollable.mayStayObserved) this.transient.add(interest)
    if (pollable.mayStayObserved || this.waiters.size > 0) pollable.observe(interest)
    for (const waiter of this.waiters) waiter.added(pollable)
  }

  modify(interest: Interest, events: number): void {
    this.count(interest, -1)
    interest.events = events
    this.count(interest, 1)
    this.changed(interest)
  }

  remove(fd: number): boolean {
    const interest = this.interests.get(fd)
    if (interest === undefined) return false
    this.interests.delete(fd)
    this.candidates.delete(interest)
    this.transient.delete(interest)
    this.count(interest, -1)
    interest.pollable.unobserve(interest)
    return true
  }

  clear(): void {
    for (const fd of this.interests.keys()) this.remove(fd)
  }

  /** Fails every wait with an error and removes all entries. */
  close(error: unknown): void {
    for (const waiter of this.waiters) waiter.stop(error)
    this.clear()
  }

  private count(interest: Interest, by: 1 | -1): void {
    if (interest.pollable.isExternal) this.external += by
    if (interest.readsExternally) this.externalReaders += by
  }

  /** @internal */
  changed(interest: Interest): void {
    const { pollable } = interest
    this.candidates.add(interest)
    if (this.waiters.size === 0) return
    pollable.startWatching()
    if (this.eventsOf(interest) === 0) return
    for (const waiter of this.waiters) waiter.changed(pollable)
  }

  private eventsOf({ pollable, events }: Interest): number {
    return this.readyFor(pollable) & events
  }

  /** Returns what is ready, in order of registration. */
  collectReady(): ReadyInterest[] {
    const ready: ReadyInterest[] = []
    for (const interest of this.candidates) {
      const { pollable } = interest
      pollable.startWatching()
      const events = this.eventsOf(interest)
      if (events !== 0) ready.push([interest, events])
      else if (pollable.mayStayObserved && !pollable.closed) this.candidates.delete(interest)
    }
    return ready.length > 1 ? ready.sort(inOrder) : ready
  }

  /**
   * Whether input may have arrived that is not visible yet. Every interest whose input is visible, or which is closed, is a candidate,
   * so it is enough to count those among the candidates.
   */
  mayMissInput(): boolean {
    let seen = 0
    for (const interest of this.candidates) {
      if (interest.readsExternally && !mayHideInput(interest.pollable)) seen += 1
    }
    return seen < this.externalReaders
  }

  /** Forgets what is only known during waits, at the start of one. */
  forget(): void {
    for (const { pollable } of this.transient) pollable.forget?.()
  }

  /** Adds a waiter at the start of its wait. */
  enter(waiter: ListWaiter): void {
    if (this.waiters.size === 0) for (const interest of this.transient) interest.pollable.observe(interest)
    this.waiters.add(waiter)
  }

  /** Removes a waiter at the end of its wait. */
  leave(waiter: ListWaiter): void {
    if (!this.waiters.delete(waiter) || this.waiters.size > 0) return
    for (const interest of this.transient) interest.pollable.unobserve(interest)
  }
}

function inOrder([one]: ReadyInterest, [other]: ReadyInterest): number {
  return one.order - other.order
}

const owners = new FinalizationRegistry<InterestList>((list) => list.clear())

/** Clears a list once its owner has been garbage-collected without being closed: the pollables it observes would keep it alive. */
export function clearWhenCollected(list: InterestList, owner: object): void {
  owners.register(owner, list)
}
