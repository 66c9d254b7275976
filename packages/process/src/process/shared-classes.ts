import { Connection } from '../connection/connection.ts'
import { SharedArray } from '../memory/array.ts'
import { Value } from '../memory/value.ts'
import { BaseProxy } from '../proxy/base-proxy.ts'
import { DictProxy } from '../proxy/dict-proxy.ts'
import { ListProxy } from '../proxy/list-proxy.ts'
import { NamespaceProxy } from '../proxy/namespace-proxy.ts'
import { SetProxy } from '../proxy/set-proxy.ts'
import { ValueProxy } from '../proxy/value-proxy.ts'
import { JoinableQueue, Queue, SimpleQueue } from '../queue/queue.ts'
import { Barrier } from '../sync/barrier.ts'
import { Condition } from '../sync/condition.ts'
import { Event } from '../sync/event.ts'
import { RLock } from '../sync/r-lock.ts'
import { BoundedSemaphore, Lock, Semaphore } from '../sync/semaphore.ts'

const CLASSES = [
  BaseProxy,
  Barrier,
  BoundedSemaphore,
  Condition,
  Connection,
  DictProxy,
  SetProxy,
  Event,
  JoinableQueue,
  ListProxy,
  Lock,
  NamespaceProxy,
  Queue,
  RLock,
  Semaphore,
  SharedArray,
  SimpleQueue,
  Value,
  ValueProxy,
]

/**
 * Registers the classes of all shared objects, so that one can be received even if nothing in this process has imported its class.
 * Using `CLASSES` keeps a bundler from dropping the imports above.
 */
export function registerSharedClasses(): number {
  return CLASSES.length
}
