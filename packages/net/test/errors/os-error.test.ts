import { isControlError } from '@greenlit/core'
import {
  BlockingIOError,
  BrokenPipeError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  errno,
  FileNotFoundError,
  gaierror,
  herror,
  KeyError,
  OSError,
  PermissionError,
  SSLCertVerificationError,
  SSLEOFError,
  TimeoutError,
  timeout,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { fromNode, osError } from '../../src/errors/make.ts'

describe('a system error', () => {
  test("has Python's class, number and message", () => {
    const cases = [
      ['ECONNREFUSED', ConnectionRefusedError, 111, 'Connection refused'],
      ['ECONNRESET', ConnectionResetError, 104, 'Connection reset by peer'],
      ['EPIPE', BrokenPipeError, 32, 'Broken pipe'],
      ['EAGAIN', BlockingIOError, 11, 'Resource temporarily unavailable'],
      ['ENOENT', FileNotFoundError, 2, 'No such file or directory'],
      ['EACCES', PermissionError, 13, 'Permission denied'],
      ['EADDRINUSE', OSError, 98, 'Address already in use'],
      ['ETIMEDOUT', TimeoutError, 110, 'Connection timed out'],
    ] as const
    for (const [code, kind, number, words] of cases) {
      expect(new OSError(code)).toStrictEqual(osError(code))
      const error = new OSError(code)
      expect(error).toBeInstanceOf(kind)
      expect(error).toBeInstanceOf(OSError)
      expect(error).toMatchObject({ code, errno: number, strerror: words, message: `[Errno ${number}] ${words}` })
      expect(error.name).toBe(kind.name)
      expect(errno[code]).toBe(number)
      expect(isControlError(error)).toBe(false)
    }
    expect(new OSError('ECONNREFUSED', { strerror: 'nobody there' })).toMatchObject({
      name: 'ConnectionRefusedError',
      message: '[Errno 111] nobody there',
    })
    expect(new OSError(errno.ECONNREFUSED, 'nobody there')).toMatchObject({
      name: 'ConnectionRefusedError',
      code: 'ECONNREFUSED',
      message: '[Errno 111] nobody there',
    })
    expect(new OSError(errno.EWOULDBLOCK)).toStrictEqual(new OSError('EWOULDBLOCK'))
    expect(new OSError(9999, 'odd')).toMatchObject({ code: '9999', errno: 9999, message: '[Errno 9999] odd' })
    expect(errno.EWOULDBLOCK).toBe(errno.EAGAIN)
    expect(osError('EPIPE')).toBeInstanceOf(ConnectionError)
    expect(osError('EADDRINUSE')).not.toBeInstanceOf(ConnectionError)
  })

  test("is translated from Node's, which becomes its cause", () => {
    const node = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED', errno: -111 })
    expect(fromNode(node)).toMatchObject({ name: 'ConnectionRefusedError', errno: 111, cause: node })
    const lost = Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND', errno: -3008 })
    expect(fromNode(lost)).toMatchObject({ name: 'gaierror', code: 'EAI_NONAME', errno: -2, cause: lost })
    const ended = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
    expect(fromNode(ended)).toMatchObject({ code: 'EPIPE' })
    const own = osError('EBADF')
    expect(fromNode(own)).toBe(own)
    const other = new Error('something else')
    expect(fromNode(other)).toBe(other)
    expect(fromNode('text')).toMatchObject({ message: 'text' })
  })

  test('of a socket timeout has a message and no number', () => {
    const error = new TimeoutError('timed out')
    expect(error).toMatchObject({ message: 'timed out', strerror: 'timed out', errno: undefined, code: 'ETIMEDOUT' })
    expect(timeout).toBe(TimeoutError)
  })

  test('of name resolution has a negative number', () => {
    const error = new gaierror('EAI_NONAME', -2, 'Name or service not known')
    expect(error).toMatchObject({ errno: -2, message: '[Errno -2] Name or service not known' })
    expect(error).toBeInstanceOf(OSError)
    expect(new herror(1, 'Unknown host')).toMatchObject({ errno: 1, code: 'HOST_NOT_FOUND' })
  })

  test('of TLS has the reason', () => {
    const expired = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })
    expect(fromNode(expired)).toBeInstanceOf(SSLCertVerificationError)
    expect(fromNode(expired)).toMatchObject({
      message: '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired',
      verifyMessage: 'certificate has expired',
      verifyCode: 10,
    })
    const version = Object.assign(new Error('long text'), {
      code: 'ERR_SSL_WRONG_VERSION_NUMBER',
      library: 'SSL routines',
      reason: 'wrong version number',
    })
    expect(fromNode(version)).toMatchObject({ name: 'SSLError', reason: 'WRONG_VERSION_NUMBER' })
    const protocol = Object.assign(new Error('write EPROTO'), { code: 'EPROTO' })
    expect(fromNode(protocol)).toMatchObject({ name: 'OSError', code: 'EPROTO', errno: 71 })
    const record = Object.assign(new Error('write EPROTO'), {
      code: 'EPROTO',
      library: 'SSL routines',
      reason: 'bad mac',
    })
    expect(fromNode(record)).toMatchObject({ name: 'SSLError', reason: 'BAD_MAC', cause: record })
    expect(new SSLEOFError()).toBeInstanceOf(OSError)
  })

  test('of TLS is worded alike on all versions of Node', () => {
    for (const [words, code] of [
      ['sslv3 alert handshake failure', 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'],
      ['ssl/tls alert handshake failure', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
    ] as const) {
      const alert = Object.assign(new Error('long text'), { code, library: 'SSL routines', reason: words })
      expect(fromNode(alert)).toMatchObject({
        code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
        reason: 'SSLV3_ALERT_HANDSHAKE_FAILURE',
        message: '[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure',
      })
    }
    for (const hint of ['', '; if the root CA is installed locally, try running Node.js with --use-system-ca']) {
      const error = Object.assign(new Error(`self-signed certificate${hint}`), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
      expect(fromNode(error)).toMatchObject({ verifyMessage: 'self-signed certificate', verifyCode: 18, cause: error })
    }
  })

  test('of TLS names the host that a certificate is not valid for', () => {
    const mismatch = (host: string) =>
      fromNode(Object.assign(new Error('text'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID', reason: 'text', host }))
    expect(mismatch('other.test')).toMatchObject({
      name: 'SSLCertVerificationError',
      verifyMessage: "Hostname mismatch, certificate is not valid for 'other.test'.",
      verifyCode: 62,
    })
    expect(mismatch('127.0.0.2')).toMatchObject({
      verifyMessage: "IP address mismatch, certificate is not valid for '127.0.0.2'.",
      verifyCode: 64,
    })
  })

  test('is recognised across copies of the package', () => {
    const foreign = { [Symbol.for('greenlit.OSError')]: true }
    expect(foreign instanceof OSError).toBe(true)
    expect(foreign instanceof TimeoutError).toBe(false)
    expect(new KeyError('x')).toMatchObject({ name: 'KeyError', code: 'KEY_ERROR' })
  })
})
