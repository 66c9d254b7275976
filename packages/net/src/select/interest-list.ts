import type { Observer, Pollable } from '../socket/description.ts'
import { mayHide } from './readiness.ts'

/** The event of reading, for a selector and for a poll object alike (EVENT_READ, POLLIN). */
const READ = 1

/** A greenlet that waits for something of a list. */
export interface ListWaiter {
  /** One was added, in front of a wait that goes on. */
  added(pollable: Pollable): void
  /** One has become ready. */
  changed(pollable: Pollable): void
  /** Ends the wait. */
  stop(error: unknown): void
}

/** One of a list: what is waited on, and for which events. */
export class Interest implements Observer {
  readonly pollable: Pollable
  readonly fd: number
  /** Its place among the others. */
  readonly order: number
  events: number
  private readonly list: InterestList

  constructor(list: InterestList, pollable: Pollable, events: number, order: number) {
    this.list = list
    this.pollable = pollable
    this.fd = pollable.fd
    this.events = events
    this.order = order
  }

  /** Whether something to read may come in to it that could not be seen at once. */
  get readsFromOutside(): boolean {
    return (this.events & READ) !== 0 && this.pollable.isExternal
  }

  changed(): void {
    this.list.changed(this)
  }
}

/** One that is ready, and what for. */
export type ReadyInterest = [interest: Interest, events: number]

/**
 * What is registered once and waited on often. As with epoll, a look costs by what is ready and not by what is registered: each says
 * when it may have become ready, and stays a candidate from then on until a look finds that it is not.
 *
 *     registered, changed ---> candidate ---look---> ready: still a candidate, and found by the next look
 *                                  `---------look---> not ready, and open: none any more
 */
export class InterestList {
  private readonly readyFor: (pollable: Pollable) => number
  private readonly interests = new Map<number, Interest>()
  private readonly candidates = new Set<Interest>()
  /** Those that are observed only during waits; they are candidates always. */
  private readonly fleeting = new Set<Interest>()
  private readonly waiters = new Set<ListWaiter>()
  private additions = 0
  private external = 0
  private readingFromOutside = 0

  /** @param readyFor what something is ready for, as a sum of events */
  constructor(readyFor: (pollable: Pollable) => number) {
    this.readyFor = readyFor
  }

  /** Whether something outside the hub may make one of them ready. */
  get isExternal(): boolean {
    return this.external > 0
  }

  get(fd: number): Interest | undefined {
    return this.interests.get(fd)
  }

  add(pollable: Pollable, events: number): void {
    const interest = new Interest(this, pollable, events, this.additions)
    this.additions += 1
    this.interests.set(interest.fd, interest)
    this.candidates.add(interest)
    this.count(interest, 1)
    if (!pollable.mayStayObserved) this.fleeting.add(interest)
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
    this.fleeting.delete(interest)
    this.count(interest, -1)
    interest.pollable.unobserve(interest)
    return true
  }

  clear(): void {
    for (const fd of this.interests.keys()) this.remove(fd)
  }

  /** Ends every wait, and takes everything out. */
  close(error: unknown): void {
    for (const waiter of this.waiters) waiter.stop(error)
    this.clear()
  }

  private count(interest: Interest, by: 1 | -1): void {
    if (interest.pollable.isExternal) this.external += by
    if (interest.readsFromOutside) this.readingFromOutside += by
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

  /** What is ready, in the order in which it was added. */
  look(): ReadyInterest[] {
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

  /** Whether something to read may have come in from outside that cannot be seen yet: what can, or is closed, is a candidate. */
  mayMiss(): boolean {
    let seen = 0
    for (const interest of this.candidates) {
      if (interest.readsFromOutside && !mayHide(interest.pollable)) seen += 1
    }
    return seen < this.readingFromOutside
  }

  /** Somebody begins to wait. */
  enter(waiter: ListWaiter): void {
    if (this.waiters.size === 0) for (const interest of this.fleeting) interest.pollable.observe(interest)
    this.waiters.add(waiter)
  }

  /** Somebody waits no more. */
  leave(waiter: ListWaiter): void {
    if (!this.waiters.delete(waiter) || this.waiters.size > 0) return
    for (const interest of this.fleeting) interest.pollable.unobserve(interest)
  }
}

function inOrder([one]: ReadyInterest, [other]: ReadyInterest): number {
  return one.order - other.order
}

const lost = new FinalizationRegistry<InterestList>((list) => list.clear())

/** Empties a list once nobody has its owner any more, which was not closed: what it observes would keep it for ever. */
export function clearWhenLost(list: InterestList, owner: object): void {
  lost.register(owner, list)
}
