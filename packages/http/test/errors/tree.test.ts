import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { AddressForbidden } from '../../src/errors/address-forbidden.ts'
import { ChunkedEncodingError } from '../../src/errors/chunked-encoding-error.ts'
import { ConnectTimeout } from '../../src/errors/connect-timeout.ts'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { ContentDecodingError } from '../../src/errors/content-decoding-error.ts'
import { HTTPError } from '../../src/errors/http-error.ts'
import { InvalidHeader } from '../../src/errors/invalid-header.ts'
import { InvalidJSONError } from '../../src/errors/invalid-json-error.ts'
import { InvalidProxyURL } from '../../src/errors/invalid-proxy-url.ts'
import { InvalidSchema } from '../../src/errors/invalid-schema.ts'
import { InvalidURL } from '../../src/errors/invalid-url.ts'
import { JSONDecodeError } from '../../src/errors/json-decode-error.ts'
import { MissingSchema } from '../../src/errors/missing-schema.ts'
import { ProxyError } from '../../src/errors/proxy-error.ts'
import { ReadTimeout } from '../../src/errors/read-timeout.ts'
import { RequestException } from '../../src/errors/request-exception.ts'
import { RequestTimeout } from '../../src/errors/request-timeout.ts'
import { ResponseTooLarge } from '../../src/errors/response-too-large.ts'
import { ResponseTooSlow } from '../../src/errors/response-too-slow.ts'
import { RetryError } from '../../src/errors/retry-error.ts'
import { SSLError } from '../../src/errors/ssl-error.ts'
import { StreamConsumedError } from '../../src/errors/stream-consumed-error.ts'
import { TooManyRedirects } from '../../src/errors/too-many-redirects.ts'
import { UnrewindableBodyError } from '../../src/errors/unrewindable-body-error.ts'
import { URLRequired } from '../../src/errors/url-required.ts'

const all = {
  AddressForbidden,
  ChunkedEncodingError,
  ConnectionError,
  ConnectTimeout,
  ContentDecodingError,
  HTTPError,
  InvalidHeader,
  InvalidJSONError,
  InvalidProxyURL,
  InvalidSchema,
  InvalidURL,
  JSONDecodeError,
  MissingSchema,
  ProxyError,
  ReadTimeout,
  RequestException,
  RequestTimeout,
  ResponseTooLarge,
  ResponseTooSlow,
  RetryError,
  SSLError,
  StreamConsumedError,
  TooManyRedirects,
  UnrewindableBodyError,
  URLRequired,
}

describe('every request error', () => {
  test.each(Object.entries(all))('%s is a RequestException with its own name and code', (name, ErrorClass) => {
    const cause = new Error('underneath')
    const request = { method: 'GET', url: 'http://example.com/' }
    const response = { statusCode: 500, reason: 'Broken', url: request.url, history: [] }
    const error = new ErrorClass('words', { cause, request, response })
    expect(error).toBeInstanceOf(RequestException)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name, message: 'words', cause, request, response })
    expect(String(error)).toBe(`${name}: words`)
  })

  test('has a code of its own', () => {
    const codes = Object.values(all).map((ErrorClass) => new ErrorClass('x').code)
    expect(new Set(codes).size).toBe(codes.length)
  })

  test.each(Object.entries(all))(
    '%s prints neither an empty cause nor the credentials of its request',
    (name, ErrorClass) => {
      expect('cause' in new ErrorClass('x')).toBe(false)
      const request = { method: 'GET', url: 'http://x/', headers: { authorization: 'secret' } }
      const response = { statusCode: 500, reason: 'Broken', url: request.url, history: [], request }
      const error = new ErrorClass('words', { request, response })
      expect(inspect(error, { depth: 9 })).not.toContain('secret')
      const { code } = error
      expect(JSON.parse(JSON.stringify({ error }))).toEqual({ error: { name, code, message: 'words' } })
      Object.assign(error, { request: { method: 'POST', url: 'http://x/' } })
      expect(error.request?.method).toBe('POST')
    },
  )
})

describe('the tree', () => {
  test.each([
    [ProxyError, ConnectionError],
    [SSLError, ConnectionError],
    [AddressForbidden, ConnectionError],
    [ConnectTimeout, ConnectionError],
    [ConnectTimeout, RequestTimeout],
    [ReadTimeout, RequestTimeout],
    [ResponseTooSlow, ReadTimeout],
    [InvalidProxyURL, InvalidURL],
    [JSONDecodeError, InvalidJSONError],
    [JSONDecodeError, RangeError],
    [MissingSchema, RangeError],
    [InvalidSchema, RangeError],
    [InvalidURL, RangeError],
    [InvalidHeader, RangeError],
    [StreamConsumedError, TypeError],
  ])('%o is also a %o', (Child, Parent) => {
    expect(new Child('x') instanceof Parent).toBe(true)
  })

  test.each([
    [ReadTimeout, ConnectionError],
    [ConnectionError, RequestTimeout],
    [ConnectionError, ConnectTimeout],
    [InvalidURL, MissingSchema],
    [HTTPError, RangeError],
    [InvalidJSONError, JSONDecodeError],
    [InvalidJSONError, RangeError],
  ])('%o is not a %o', (Child, Other) => {
    expect(new Child('x') instanceof Other).toBe(false)
  })
})

describe('instanceof', () => {
  test('recognises an error of another copy of the package', async () => {
    const copy = (await import(`${'../../src/errors/connect-timeout.ts'}?copy`)) as {
      ConnectTimeout: typeof ConnectTimeout
    }
    expect(copy.ConnectTimeout).not.toBe(ConnectTimeout)
    const foreign = new copy.ConnectTimeout('late')
    expect(foreign instanceof ConnectTimeout).toBe(true)
    expect(foreign instanceof RequestTimeout).toBe(true)
  })

  test('tells a user’s subclass from its parent', () => {
    class Mine extends ConnectionError {}
    expect(new Mine('x') instanceof ConnectionError).toBe(true)
    expect(new ConnectionError('x') instanceof Mine).toBe(false)
  })

  test('is false for values that are not errors', () => {
    for (const value of [undefined, null, 'ConnectionError', 1, {}])
      expect((value as unknown) instanceof ConnectionError).toBe(false)
  })
})
