import { expect, test } from 'vitest'
import { delete_, get, head, options, patch, post, put, request } from '../src/api.ts'
import type { Response } from '../src/response/response.ts'
import { guardLeaks } from './support/guard.ts'
import { useClosing } from './support/session.ts'
import { type Echo, startSite } from './support/site.ts'

guardLeaks()

const site = useClosing(() => startSite())

test('each verb has a function', async () => {
  const url = `${site.current.url}/echo`
  const method = async (response: PromiseLike<Response>) => (await response).json<Echo>().method
  expect(await method(get(url))).toBe('GET')
  expect(await method(post(url))).toBe('POST')
  expect(await method(put(url))).toBe('PUT')
  expect(await method(patch(url))).toBe('PATCH')
  expect(await method(delete_(url))).toBe('DELETE')
  expect(await method(options(url))).toBe('OPTIONS')
  expect(await method(request('propfind', url))).toBe('PROPFIND')
  expect((await head(url)).statusCode).toBe(200)
})

test('delete is also exported under its name in requests', async () => {
  const requests = await import('@greenlit/http')
  expect(requests.delete).toBe(requests.delete_)
})

test('single requests share connections, but not cookies', async () => {
  const set = await get(`${site.current.url}/cookies/set?a=1`)
  expect(set.json()).toEqual({ cookie: 'a=1' })
  expect((await get(`${site.current.url}/cookies`)).json()).toEqual({ cookie: '' })
  expect((await get(`${site.current.url}/cookies`, { cookies: { b: '2' } })).json()).toEqual({ cookie: 'b=2' })
  expect(site.current.connections()).toBe(1)
})
