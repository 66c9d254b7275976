/**
 * Views of Node's own modules whose calls block the greenlet: the counterpart of gevent's monkey patching that changes nothing global.
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
export type { Overlay } from './monkey/overlay.ts'
export {
  getOriginal,
  isAnythingPatched,
  isModulePatched,
  isObjectPatched,
  type Patched,
  type PatchOptions,
  patchAll,
  patchModule,
  saved,
} from './monkey/patch-all.ts'
export type { BlockingServer, ServerView } from './monkey/server-view.ts'
export type { BlockingTimers, DgramView, ModuleName, Views } from './monkey/views.ts'
