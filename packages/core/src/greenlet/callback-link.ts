import { Callback } from '../engine/callback.ts'
import { checkCallable } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'
import { resume } from '../engine/step.ts'
import type { WaitQueue, WaitQueueNode } from '../engine/wait-queue.ts'
import type { LinkTarget } from './links.ts'
import { RawGreenlet } from './raw-greenlet.ts'

/** A link target other than a function, such as an `AsyncResult`. */
export interface LinkReceiver<S> {
  /** Takes the outcome of the source. */
  receive(source: S): void
}

/** What can be linked: a function called with the source, or a receiver of its outcome. */
export type Link<S> = ((source: S) => unknown) | LinkReceiver<S>

/** The outcomes that a link is for. */
export type LinkKind = 'any' | 'value' | 'exception'

interface Ended {
  successful(): boolean
}

/** A linked function: called in the hub, or in a greenlet of its own, where it may block. */
export class CallbackLink<S> implements LinkTarget, WaitQueueNode {
  /** @internal */
  waitNext: WaitQueueNode | null = null
  /** @internal */
  waitPrevious: WaitQueueNode | null = null
  /** @internal */
  waitQueue: WaitQueue | null = null
  readonly link: Link<S>
  private readonly kind: LinkKind
  private readonly inGreenlet: boolean

  constructor(link: Link<S>, kind: LinkKind, inGreenlet: boolean) {
    this.link = link
    this.kind = kind
    this.inGreenlet = inGreenlet
  }

  /** @internal A callback does not wait, so there is nothing to fail. */
  fail(): void {}

  notify(source: unknown): void {
    if (this.kind !== 'any' && (source as Ended).successful() !== (this.kind === 'value')) return
    const { link } = this
    const call = typeof link === 'function' ? link : (ended: S) => link.receive(ended)
    if (!this.inGreenlet) {
      new Callback(call, [source])._runInHub()
      return
    }
    const greenlet = new RawGreenlet(call, runtime.hub as RawGreenlet)
    greenlet._transfer = [source]
    resume(greenlet)
  }
}

/** Checks an argument that is to be linked: a function or a receiver. */
export function checkLink<S>(link: Link<S>): Link<S> {
  if (typeof (link as Partial<LinkReceiver<S>> | undefined)?.receive !== 'function') checkCallable(link, 'callback')
  return link
}

/** Returns a predicate that tells the links of one function from all others. */
export function linksTo(link: unknown): (target: unknown) => boolean {
  return (target) => target instanceof CallbackLink && target.link === link
}
