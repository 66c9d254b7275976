import { checkCallable } from '@greenlit/core/engine'
import { BaseServer } from './base-server.ts'

/** A server class to which a mix-in can be applied. */
export type ServerClass = abstract new (
  ...args: never[]
) => Pick<BaseServer, 'fileno' | 'serveForever' | 'serverAddress' | 'shutdown'>

/** A server class to which a mix-in has been applied. */
export type Mixed<C extends ServerClass, M> = Omit<C, 'prototype'> & {
  readonly prototype: InstanceType<C> & M
  new (...args: ConstructorParameters<C>): InstanceType<C> & M
}

/** The type of server that mix-ins extend, whichever it actually is. */
export declare class AnyServer extends BaseServer<unknown> {
  constructor(...args: unknown[])
  override get socket(): BaseServer['socket']
  override serverBind: BaseServer['serverBind']
  override serverActivate: BaseServer['serverActivate']
  override getRequest: BaseServer<unknown>['getRequest']
}

/** Checks that a mix-in is applied to a server class. */
export function serverClass(Base: ServerClass): typeof AnyServer {
  checkCallable(Base, 'Base')
  if (!(Base.prototype instanceof BaseServer)) {
    throw new TypeError(`Expected \`Base\` to be a class of servers, got the function ${Base.name}`)
  }
  return Base as unknown as typeof AnyServer
}
