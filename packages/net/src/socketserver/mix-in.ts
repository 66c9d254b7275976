import { checkCallable } from '@greenlit/core/engine'
import { BaseServer } from './base-server.ts'

/** A class of servers, as the mix-ins take it. */
export type ServerClass = abstract new (
  ...args: never[]
) => Pick<BaseServer, 'fileno' | 'serveForever' | 'serverAddress' | 'shutdown'>

/** A class of servers with something mixed in. */
export type Mixed<C extends ServerClass, M> = Omit<C, 'prototype'> & {
  readonly prototype: InstanceType<C> & M
  new (...args: ConstructorParameters<C>): InstanceType<C> & M
}

/** A server that a mix-in can extend without knowing which. */
export declare class AnyServer extends BaseServer<unknown> {
  constructor(...args: unknown[])
  override get socket(): BaseServer['socket']
  override serverBind: BaseServer['serverBind']
  override serverActivate: BaseServer['serverActivate']
  override getRequest: BaseServer<unknown>['getRequest']
}

/** Checks a class that is to be mixed into. */
export function serverClass(Base: ServerClass): typeof AnyServer {
  checkCallable(Base, 'Base')
  if (!(Base.prototype instanceof BaseServer)) {
    throw new TypeError(`Expected \`Base\` to be a class of servers, got the function ${Base.name}`)
  }
  return Base as unknown as typeof AnyServer
}
