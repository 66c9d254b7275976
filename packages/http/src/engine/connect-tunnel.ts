import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import * as tls from 'node:tls'
import { coroutine, fromCallback, Timeout } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import { ConnectTimeout } from '../errors/connect-timeout.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { EngineRequest, ProxySettings } from './engine.ts'
import { failureOf } from './failure.ts'
import { bareHost, portOf } from './node-options.ts'

/** Makes a TLS connection to the request's host through a proxy, with CONNECT (RFC 9110 section 9.3.6). */
export const connectThroughProxy = coroutine(function* (
  request: EngineRequest,
  proxy: ProxySettings,
  tlsOptions: tls.ConnectionOptions,
) {
  const { connect, deadline } = request.limits
  const limit = Math.min(connect ?? Infinity, deadline === undefined ? Infinity : deadline - now())
  const timeout = new Timeout(Math.max(limit, 0))
  try {
    const socket = yield* fromCallback<Socket>((resume) => openTunnel(request, proxy, resume), { timeout })
    return yield* fromCallback<tls.TLSSocket>((resume) => startTls(request, socket, tlsOptions, resume), { timeout })
  } catch (error) {
    if (error === timeout)
      throw new ConnectTimeout(`No connection to ${request.url.host} through the proxy ${proxy.url.host} in time`)
    throw error
  }
})

function openTunnel(
  request: EngineRequest,
  proxy: ProxySettings,
  resume: (error?: unknown, socket?: Socket) => void,
): () => void {
  const { url } = request
  const authority = `${url.hostname}:${portOf(url)}`
  const headers: string[] = ['Host', authority]
  if (proxy.authorization !== undefined) headers.push('Proxy-Authorization', proxy.authorization)
  const message = (proxy.url.protocol === 'https:' ? https : http).request({
    protocol: proxy.url.protocol,
    hostname: bareHost(proxy.url),
    port: portOf(proxy.url),
    method: 'CONNECT',
    path: authority,
    headers,
    agent: false,
  })
  message.on('connect', (response, socket) => {
    if (response.statusCode === 200) {
      resume(undefined, socket as Socket)
    } else {
      socket.destroy()
      resume(
        new ProxyError(
          `The proxy ${proxy.url.host} refused to connect to ${authority}: ${response.statusCode} ${response.statusMessage}`,
        ),
      )
    }
  })
  message.on('error', (error) =>
    resume(new ProxyError(`No connection to the proxy ${proxy.url.host}: ${error.message}`, { cause: error })),
  )
  message.end()
  return () => message.destroy()
}

function startTls(
  request: EngineRequest,
  socket: Socket,
  options: tls.ConnectionOptions,
  resume: (error?: unknown, socket?: tls.TLSSocket) => void,
): () => void {
  const host = bareHost(request.url)
  const secure = tls.connect({ ...options, socket, servername: host })
  secure.once('secureConnect', () => {
    secure.off('error', onError)
    resume(undefined, secure)
  })
  const onError = (error: Error) => resume(failureOf(error, request, true))
  secure.once('error', onError)
  return () => secure.destroy()
}
