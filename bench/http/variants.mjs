/** The clients of the http benchmarks: each makes `requests` GETs, `concurrency` at a time, and reads the whole bodies. */

/** Bare `node:http` with a keep-alive agent. */
async function node(url, requests, concurrency) {
  const { Agent, get } = await import('node:http')
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const { hostname, port, pathname } = new URL(url)
  const one = () =>
    new Promise((resolve, reject) => {
      get({ hostname, port, path: pathname, agent }, (response) => {
        const pieces = []
        response.on('data', (piece) => pieces.push(piece))
        response.on('end', () => resolve(Buffer.concat(pieces)))
      }).on('error', reject)
    })
  return () => promises(one, requests, concurrency)
}

/** `Session.get` of one session with the given engine, called in greenlets. */
async function session(url, requests, concurrency, engine) {
  const { joinall, spawn } = await import('@greenlit/core')
  const { Session } = await import('@greenlit/http')
  const shared = new Session(engine === undefined ? {} : { engine })
  return async () => {
    let left = requests
    function* crawl() {
      while (left > 0) {
        left -= 1
        const page = yield* shared.get(url)
        check(page.content)
      }
    }
    await joinall(
      Array.from({ length: concurrency }, () => spawn(crawl)),
      { raiseError: true },
    )
  }
}

async function sessionOnUndici(url, requests, concurrency) {
  const { undiciEngine } = await import('@greenlit/http/undici')
  return session(url, requests, concurrency, undiciEngine())
}

async function sessionOnNative(url, requests, concurrency) {
  const { nativeEngine } = await import('@greenlit/http/native')
  return session(url, requests, concurrency, nativeEngine())
}

/** The function `get`, called in greenlets: each request has a session of its own. */
async function get(url, requests, concurrency) {
  const { joinall, spawn } = await import('@greenlit/core')
  const { get: getPage } = await import('@greenlit/http')
  return async () => {
    let left = requests
    function* crawl() {
      while (left > 0) {
        left -= 1
        check((yield* getPage(url)).content)
      }
    }
    await joinall(
      Array.from({ length: concurrency }, () => spawn(crawl)),
      { raiseError: true },
    )
  }
}

/** `dispatch()` of undici's pool, with a handler that collects the body. */
async function dispatch(url, requests, concurrency) {
  const { Pool } = await import('undici')
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const one = () =>
    new Promise((resolve, reject) => {
      const pieces = []
      pool.dispatch(
        { method: 'GET', path: pathname },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData: (_controller, piece) => pieces.push(piece),
          onResponseEnd: () => resolve(Buffer.concat(pieces)),
          onResponseError: (_controller, error) => reject(error),
        },
      )
    })
  return () => promises(one, requests, concurrency)
}

/** `request()` of undici's pool. */
async function request(url, requests, concurrency) {
  const { Pool } = await import('undici')
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const one = async () => {
    const { body } = await pool.request({ method: 'GET', path: pathname })
    return body.arrayBuffer()
  }
  return () => promises(one, requests, concurrency)
}

/** The lower bound of a session on undici: nothing but `dispatch()` as a blocking call in greenlets. */
async function blockingDispatch(url, requests, concurrency) {
  const { Pool } = await import('undici')
  const { joinall, spawn } = await import('@greenlit/core')
  const { Blocking } = await import('@greenlit/core/engine')
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 })
  class Exchange extends Blocking {
    pieces = []
    get isExternal() {
      return true
    }
    start() {
      pool.dispatch({ method: 'GET', path: pathname }, this)
      return false
    }
    cancel() {}
    describe() {
      return 'a response'
    }
    onRequestStart() {}
    onResponseStart() {}
    onResponseData(_controller, piece) {
      this.pieces.push(piece)
    }
    onResponseEnd() {
      this.wake(Buffer.concat(this.pieces))
    }
    onResponseError(_controller, error) {
      this.fail(error)
    }
  }
  return async () => {
    let left = requests
    function* crawl() {
      while (left > 0) {
        left -= 1
        check(yield* new Exchange())
      }
    }
    await joinall(
      Array.from({ length: concurrency }, () => spawn(crawl)),
      { raiseError: true },
    )
  }
}

export const variants = {
  node,
  session,
  get,
  dispatch,
  'dispatch in greenlets': blockingDispatch,
  request,
  'session on undici': sessionOnUndici,
  native: sessionOnNative,
}

async function promises(one, requests, concurrency) {
  let left = requests
  const worker = async () => {
    while (left > 0) {
      left -= 1
      check(await one())
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** @param {Uint8Array | ArrayBuffer} body */
function check(body) {
  if (body.byteLength === 0) throw new Error('Expected a body')
}
