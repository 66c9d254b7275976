import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { show } from '@greenlit/core/engine'
import { fromNode } from '../errors/make.ts'

/** A path, or the contents of a PEM file. */
export type PemSource = string | Uint8Array

/** The contents of a PEM file; text with '-----BEGIN' in it is taken as it is. */
export function readPem(source: unknown, name: string): Buffer {
  if (source instanceof Uint8Array) return Buffer.from(source)
  if (typeof source !== 'string') {
    throw new TypeError(`Expected \`${name}\` to be a path or the contents of a PEM file, got ${show(source)}`)
  }
  if (source.includes('-----BEGIN ')) return Buffer.from(source)
  try {
    return readFileSync(source)
  } catch (error) {
    throw fromNode(error)
  }
}

/** The contents of each file in a folder. */
export function readPemFolder(folder: unknown, name: string): Buffer[] {
  if (typeof folder !== 'string') throw new TypeError(`Expected \`${name}\` to be a path, got ${show(folder)}`)
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => readFileSync(join(folder, entry.name)))
      .filter((contents) => contents.includes('-----BEGIN CERTIFICATE-----'))
  } catch (error) {
    throw fromNode(error)
  }
}
