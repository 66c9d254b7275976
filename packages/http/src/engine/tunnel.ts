import type { Socket } from 'node:net'
import { ProxyError } from '../errors/proxy-error.ts'
import { MAX_HEADER_SIZE, type ProxySettings, type TlsSettings } from './engine.ts'
import { reasonOf } from './failure.ts'
import { bareHost, portOf, trustOptions } from './node-options.ts'
import { nodeRequest } from './node-request.ts'
import { ATTEMPT_TIMEOUT, startTls } from './open-socket.ts'

type Connected = (...outcome: [error: null, socket: Socket] | [error: Error, socket: undefined]) => void

/** A tunnel through a proxy that is being set up. */
export class TunnelAttempt {
  private pending: { destroy(): void } | undefined = undefined
  private aborted = false

  /** Aborts the attempt. */
  abort(): void {
    this.aborted = true
    this.pending?.destroy()
    this.pending = undefined
  }

  /** Connects to a host and port through a proxy with CONNECT, and starts TLS on the tunnel (RFC 9110 section 9.3.6). */
  open(
    proxy: ProxySettings,
    authority: string,
    host: string,
    settings: TlsSettings | undefined,
    connected: Connected,
  ): void {
    openTunnel(
      proxy,
      authority,
      settings,
      (pending) => {
        this.pending = pending
        if (this.aborted) pending.destroy()
      },
      (error, socket) => {
        if (error !== null) connected(error, undefined)
        else this.secure(socket, host, settings, connected)
      },
    )
  }

  private secure(socket: Socket, host: string, settings: TlsSettings | undefined, connected: Connected): void {
    const fail = (error: Error): void => connected(error, undefined)
    let secure: Socket
    try {
      secure = startTls(host, settings, { socket })
    } catch (error) {
      socket.destroy()
      fail(error as Error)
      return
    }
    this.pending = secure
    secure.once('error', fail)
    secure.once('secureConnect', () => {
      secure.off('error', fail)
      this.pending = undefined
      connected(null, secure)
    })
  }
}

/** Asks a proxy for a tunnel to `authority`. An https proxy is verified with the same trusted certificates as the server. */
function openTunnel(
  proxy: ProxySettings,
  authority: string,
  settings: TlsSettings | undefined,
  began: (pending: { destroy(): void }) => void,
  connected: Connected,
): void {
  const shown = `the proxy ${proxy.url.host}`
  const headers: string[] = ['Host', authority]
  if (proxy.authorization !== undefined) headers.push('Proxy-Authorization', proxy.authorization)
  const message = nodeRequest(proxy.url.protocol)({
    protocol: proxy.url.protocol,
    hostname: bareHost(proxy.url),
    port: portOf(proxy.url),
    method: 'CONNECT',
    path: authority,
    headers,
    maxHeaderSize: MAX_HEADER_SIZE,
    agent: false,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
    ...trustOptions(settings),
  })
  began(message)
  message.on('connect', (response, socket) => {
    const { statusCode = 0, statusMessage = '' } = response
    if (statusCode >= 200 && statusCode < 300) {
      connected(null, socket as Socket)
    } else {
      socket.destroy()
      connected(
        new ProxyError(`Expected ${shown} to connect to ${authority}, it answered ${statusCode} ${statusMessage}`),
        undefined,
      )
    }
  })
  message.on('error', (error) =>
    connected(new ProxyError(`No connection to ${shown}: ${reasonOf(error)}`, { cause: error }), undefined),
  )
  message.end()
}
