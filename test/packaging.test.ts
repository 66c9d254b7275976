import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { parseAst } from 'rolldown/parseAst'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = ['core', 'process', 'net', 'http']

const PROGRAM = `
import { joinall, sleep, spawn } from '@greenlit/core'
import * as net from '@greenlit/net'
import * as processes from '@greenlit/process'
import * as http from '@greenlit/http'
const greenlets = [1, 2].map((n) => spawn(function* () { yield* sleep(n); return n }))
await joinall(greenlets)
console.log(greenlets.map((greenlet) => greenlet.value).join(), typeof net, typeof processes, typeof http)
`

const BROWSER_PROGRAM = `
import { Lock, spawn } from '@greenlit/core'
import { startWatchdog } from '@greenlit/core/observe'
import { virtualTime } from '@greenlit/core/testing'
const lock = new Lock()
void spawn(function* () {
  using held = yield* lock.hold()
  console.log(held, startWatchdog, virtualTime)
})
`

const LIBRARY = `
import { ContextVar, coroutine, getHub, green, Group, iwait, joinall, Pool, scope, Semaphore, sleep, spawn } from '@greenlit/core'
import * as http from '@greenlit/http'
import * as net from '@greenlit/net'
import { patchAll } from '@greenlit/net/monkey'
import * as processes from '@greenlit/process'
import * as files from 'node:fs/promises'
import * as zlib from 'node:zlib'
export const work = coroutine(function* (n: number) { yield* sleep(n); return String(n) })
export const greenlet = spawn(work, 1)
export const joined = joinall([greenlet]), each = iwait([greenlet])
export const inGroup = new Group().spawn(work, 1), inPool = new Pool(1).spawn(work, 1), result = new Pool(1).applyAsync(work, [1])
export const child = scope(function* (group) { return group.spawn(work, 1) })
export const held = new Semaphore().hold(), stream = getHub().exceptionStream, token = new ContextVar<number>('n').set(1)
export const fs = green(files), gzip = green.callback(zlib), client = green({ get: async () => 1 }), Client = green(class { async get() {} })
export const accepted = net.socket().accept(), file = net.socket().makefile('rb'), selected = new net.DefaultSelector().select()
export const views = patchAll(), { child_process, dns, fs: patchedFs, http: patchedHttp, net: patchedNet, stream: streams, timers, tls } = views
export class Server extends net.ThreadingMixIn(net.TCPServer) {}
export const pipe = processes.Pipe(), mapped = new processes.Pool(1).map<number>({ module: 'a', export: 'b' }, [1])
export const response = http.get('/'), responses = http.map(['/']), each2 = http.imap(['/'])
`

/** Compiles a program in a folder from which the packages can be found, and returns what the compiler reports. */
function compile(app: string, program: string, options: Record<string, unknown>): string {
  writeFileSync(join(app, 'main.ts'), program)
  const compilerOptions = { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', strict: true, ...options }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  return spawnSync(process.execPath, [compiler, '-p', app], { encoding: 'utf8' }).stdout
}

function npm(args: string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

/** Where a program accesses a member that this Node lacks on the namespace of a Node module, or uses the namespace as a whole. */
async function riskyUses(file: string): Promise<string[]> {
  const { body } = parseAst(readFileSync(file, 'utf8'))
  const namespaces = new Map<unknown, object>()
  for (const statement of body) {
    if (statement.type !== 'ImportDeclaration' || !statement.source.value.startsWith('node:')) continue
    for (const { type, local } of statement.specifiers) {
      if (type === 'ImportNamespaceSpecifier') namespaces.set(local.name, await import(statement.source.value))
    }
  }
  const risky: string[] = []
  const visit = (value: unknown, hidden: readonly unknown[]): void => {
    if (value === null || typeof value !== 'object') return
    const { type, name, computed, object, property, key, ...rest } = value as Node
    const of = (object as Node | undefined)?.name
    if (type === 'MemberExpression' && computed === false && namespaces.has(of) && !hidden.includes(of)) {
      const taken = (property as Node).name as string
      if (!(taken in namespaces.get(of)!)) risky.push(`${of}.${taken}`)
    } else if (type === 'Identifier' && namespaces.has(name) && !hidden.includes(name)) {
      risky.push(String(name))
    } else {
      const names = ((rest.params ?? []) as Node[]).map((param) => param.name)
      const children = [object, ...(computed === true ? [property, key] : []), ...Object.values(rest)]
      for (const child of children) visit(child, [...hidden, ...names])
    }
  }
  visit(
    body.filter(({ type }) => type !== 'ImportDeclaration'),
    [],
  )
  return risky
}

describe('the packages', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'greenlit-packaging-'))
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('install from their tarballs into an empty folder, run there, and have types that can be named', {
    timeout: 120_000,
  }, () => {
    const args = [
      'pack',
      '--pack-destination',
      folder,
      ...PACKAGES.flatMap((name) => ['--workspace', `packages/${name}`]),
    ]
    const tarballs = npm(args, root).trim().split('\n').slice(-PACKAGES.length)
    const app = join(folder, 'app')
    mkdirSync(app)
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
    npm(['install', '--no-audit', '--no-fund', '--offline', ...tarballs.map((name) => join(folder, name))], app)
    writeFileSync(join(app, 'main.js'), PROGRAM)
    const output = execFileSync(process.execPath, ['main.js'], { cwd: app, encoding: 'utf8' })
    expect(output).toBe('1,2 object object object\n')

    // A library that exports what it got from the packages can write its declarations: their types have names.
    const typeRoots = [join(root, 'node_modules', '@types')]
    const options = { types: ['node'], typeRoots, declaration: true, emitDeclarationOnly: true, outDir: 'out' }
    expect(compile(app, LIBRARY, { ...options, rootDir: '.' })).toBe('')
  })

  test('a browser program that uses core type-checks without the types of Node', { timeout: 60_000 }, () => {
    // Inside the repository, so that the program finds the package.
    const app = join(root, 'node_modules', '.cache', 'browser-program')
    mkdirSync(app, { recursive: true })
    try {
      expect(compile(app, BROWSER_PROGRAM, { types: [], noEmit: true })).toBe('')
    } finally {
      rmSync(app, { recursive: true })
    }
  })

  test.each(PACKAGES)('%s has a package.json that passes publint', async (name) => {
    const pkgDir = join(root, 'packages', name)
    const { messages } = await publint({ pkgDir, strict: true })
    const pkg = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test.each(PACKAGES)('%s exports functions and classes whose names the bundler has not changed', async (name) => {
    const pkgDir = join(root, 'packages', name)
    const { exports } = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
    const renamed: string[] = []
    for (const entry of Object.keys(exports)) {
      const module: Record<string, unknown> = await import(join(pkgDir, exports[entry].default))
      for (const [exported, value] of Object.entries(module)) {
        if (typeof value === 'function' && value.name.includes('$')) renamed.push(`${exported}: ${value.name}`)
      }
    }
    expect(renamed).toEqual([])
  })

  // webpack imports each member that it sees accessed on a namespace, and provides only those if the namespace is used as a whole.
  test.each(PACKAGES)('%s accesses namespaces of Node modules only by members that every Node has', async (name) => {
    const folder = join(root, 'packages', name, 'dist')
    const files = readdirSync(folder).filter((file) => file.endsWith('.js'))
    const risky = await Promise.all(files.map((file) => riskyUses(join(folder, file))))
    expect(risky.flat()).toEqual([])
  })

  test.each(PACKAGES)('%s contains the license, as npm packs only files of its own folder', (name) => {
    expect(readFileSync(join(root, 'packages', name, 'LICENSE'), 'utf8')).toBe(
      readFileSync(join(root, 'LICENSE'), 'utf8'),
    )
  })

  test.each(PACKAGES)('%s depends only on packages of this workspace', (name) => {
    const pkg = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
    expect(Object.keys(pkg.dependencies ?? {}).filter((dependency) => !dependency.startsWith('@greenlit/'))).toEqual([])
  })
})
