/** The program that a manager's process runs. */
import { type Coroutine, spawn, until } from '@greenlit/core'
import { decode, type Payload } from '../codec/payload.ts'
import { identity } from '../process/identity.ts'
import { type CheckedTarget, callTarget, loadTarget } from '../process/target.ts'
import { QueueState } from '../queue/queue-state.ts'
import { BarrierState } from '../sync/barrier.ts'
import { ConditionState } from '../sync/condition.ts'
import { EventState } from '../sync/event.ts'
import { SemaphoreState } from '../sync/semaphore-state.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { HostSet } from './host-set.ts'
import { HostDict, HostList, HostNamespace } from './host-types.ts'
import { FailedObject, HostedObject } from './hosted-object.ts'

/** A type registered with a manager class. */
export interface RegisteredType {
  readonly target: CheckedTarget
  readonly exposed: readonly string[] | undefined
}

/** The built-in types, which need no registration. */
const BUILT_IN: Readonly<Record<string, (...args: never[]) => OwnedObject>> = {
  dict: (entries: never) => new HostedObject(new HostDict(entries)),
  list: (items: never) => new HostedObject(new HostList(items)),
  set: (items: never) => new HostedObject(new HostSet(items)),
  Namespace: (names: never) => new HostedObject(new HostNamespace(names)),
  Value: (value: never) => new HostedObject(new HostNamespace({ value })),
  Lock: () => new SemaphoreState('lock', 1, 1),
  RLock: () => new SemaphoreState('RLock', 1, 1),
  Semaphore: (value: number) => new SemaphoreState('semaphore', value, Infinity),
  BoundedSemaphore: (value: number) => new SemaphoreState('semaphore', value, value),
  Event: () => new EventState(),
  Condition: () => new ConditionState(),
  Barrier: (parties: number) => new BarrierState(parties, undefined),
  Queue: (maxsize: number | undefined) => new QueueState(maxsize ?? Infinity),
}

/** Makes objects on request, under names chosen by the requester. */
class ObjectFactory implements OwnedObject, WaitSource<undefined> {
  readonly name = 'the shutdown of the manager'
  private readonly types: Readonly<Record<string, RegisteredType>>
  private wait: ExternalWait<undefined> | undefined = undefined
  private stopped = false

  constructor(types: Readonly<Record<string, RegisteredType>>) {
    this.types = types
    tree.onParentNote(() => {
      this.stopped = true
      this.wait?.finish()
    })
  }

  ask(asker: Asker, typeid: string, [key]: readonly unknown[], payload: Payload | undefined): void {
    const name = key as string
    const make = BUILT_IN[typeid]
    try {
      const args = payload === undefined ? [] : (decode(payload) as unknown[])
      if (make !== undefined) tree.services.owned.addAs(name, make(...(args as never[])))
      else this.makeRegistered(name, typeid, args)
    } catch (error) {
      tree.services.owned.addAs(name, new FailedObject(error))
    }
    asker.answer()
  }

  /** Loading a class takes time: calls that arrive before the object is there are queued. */
  private makeRegistered(name: string, typeid: string, args: unknown[]): void {
    const type = this.types[typeid]!
    const pending = new PendingObject()
    tree.services.owned.addAs(name, pending)
    spawn(function* () {
      let made: OwnedObject
      try {
        const fn = yield* until(loadTarget(type.target))
        const isClass = /^class\b/.test(Function.prototype.toString.call(fn))
        const object = isClass ? Reflect.construct(fn, args) : yield* callTarget(fn, args)
        made = new HostedObject(object as object, type.exposed)
      } catch (error) {
        made = new FailedObject(error)
      }
      tree.services.owned.addAs(name, made)
      pending.moveTo(made)
    })
  }

  leave(): void {}
  undo(): void {}
  forget(): void {}

  ready(): { value: undefined } | undefined {
    return this.stopped ? { value: undefined } : undefined
  }

  enter(wait: ExternalWait<undefined>): void {
    this.wait = wait
  }
}

/** Takes the place of an object that is still being made, and queues the calls of it. */
class PendingObject implements OwnedObject {
  private readonly calls = new Map<Asker, Parameters<OwnedObject['ask']>>()
  private made: OwnedObject | undefined = undefined

  ask(...call: Parameters<OwnedObject['ask']>): void {
    // A reference resolved here before the object was made keeps calling this one, forever.
    if (this.made === undefined) this.calls.set(call[0], call)
    else this.made.ask(...call)
  }

  moveTo(made: OwnedObject): void {
    this.made = made
    for (const call of this.calls.values()) {
      try {
        made.ask(...call)
      } catch (error) {
        call[0].fail(error)
      }
    }
    this.calls.clear()
  }

  leave(asker: Asker): void {
    this.calls.delete(asker)
    this.made?.leave(asker)
  }

  undo(): void {}
  forget(): void {}
}

/** Makes and keeps objects for other processes until told to stop. */
export function* serve(
  types: Readonly<Record<string, RegisteredType>>,
  initializer: CheckedTarget | undefined,
  initargs: readonly unknown[],
): Coroutine<void> {
  // Ctrl-C reaches the whole group of processes, but the program's cleanup may still need its objects.
  process.on('SIGINT', () => {})
  const factory = new ObjectFactory(types)
  tree.services.owned.addAs('maker', factory)
  if (initializer !== undefined) yield* callTarget(yield* until(loadTarget(initializer)), initargs)
  tree.note(identity.parent!.id, ['ready'])
  yield* new ExternalWait<undefined>(factory, undefined, () => undefined)
}
