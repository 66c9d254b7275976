/**
 * Views of Node's own modules whose calls wait in the greenlet: what gevent's monkey patching gives, without changing anything.
 *
 * @module
 */
export type { BlockingNet, BlockingTls, ConnectionHandler, NetView, TlsView } from './monkey/connections.ts'
export type {
  BlockingHttp,
  BlockingRequestOptions,
  HttpHandler,
  HttpsView,
  HttpView,
} from './monkey/http-view.ts'
export {
  getOriginal,
  isAnythingPatched,
  isModulePatched,
  isObjectPatched,
  type Patched,
  type PatchOptions,
  patchAll,
  patchModule,
} from './monkey/patch-all.ts'
export type { BlockingServer, ServerView } from './monkey/server-view.ts'
export type { BlockingTimers, DgramView, ModuleName, Views } from './monkey/views.ts'
