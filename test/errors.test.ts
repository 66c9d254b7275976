import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as core from '@greenlit/core'
import * as observe from '@greenlit/core/observe'
import * as http from '@greenlit/http'
import * as net from '@greenlit/net'
import * as processes from '@greenlit/process'
import * as futures from '@greenlit/process/futures'
import { expect, test } from 'vitest'

const page = readFileSync(fileURLToPath(new URL('../docs/errors.md', import.meta.url)), 'utf8')

/** The error classes among the exports of a package, by name. */
function errorsOf(exported: object): [name: string, errorClass: new (message: string) => Error & { code?: unknown }][] {
  return Object.entries(exported).filter(([, value]) => typeof value === 'function' && value.prototype instanceof Error)
}

test.each([
  ['core', { ...core, ...observe }],
  ['process', { ...processes, ...futures }],
  ['net', net],
  ['http', http],
])('docs/errors.md lists every error class of %s', (name, exported) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`@greenlit/${name}\n`))!
  const errors = errorsOf(exported)
  expect(errors.length).toBeGreaterThan(0)
  expect(errors.map(([errorName]) => errorName).filter((errorName) => !section.includes(`\`${errorName}\``))).toEqual(
    [],
  )
})
