/** Encoding detection on pages of 100 KB in GBK and UTF-8, compared with Python's chardet if installed: `node bench/http/detection.mjs` */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { detectEncoding } from '@greenlit/http'
import { nanosecondsPerOperation } from '../lib/measure.mjs'

const run = promisify(execFile)
const SIZE = 100 * 1024
const script = fileURLToPath(new URL('../python/chardet_page.py', import.meta.url))

/** Chinese words: the names of regions in this runtime's locale data. */
function chinese() {
  const names = new Intl.DisplayNames('zh-Hans', { type: 'region' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  return codes.map((code) => names.of(code)).filter((name) => /^[\u4e00-\u9fff]+$/.test(name))
}

/** The GBK bytes of each character of GB 2312, found by decoding all byte pairs: the platform has no GBK encoder. */
function gbkBytes() {
  const decoder = new TextDecoder('gbk')
  const bytes = new Map()
  for (let high = 0xb0; high < 0xf8; high += 1) {
    for (let low = 0xa1; low < 0xff; low += 1) {
      bytes.set(decoder.decode(Uint8Array.of(high, low)), [high, low])
    }
  }
  return bytes
}

function pages() {
  const table = gbkBytes()
  const names = chinese().filter((name) => [...name].every((character) => table.has(character)))
  let text = '<html><head><title>地区</title></head><body>\n'
  for (let at = 0; Buffer.byteLength(text) < SIZE * 2; at += 1) text += `<li>${names[at % names.length]}</li>\n`
  const gbk = Uint8Array.from([...text].flatMap((character) => table.get(character) ?? [character.charCodeAt(0)]))
  return { gbk: gbk.subarray(0, SIZE), 'utf-8': Buffer.from(text).subarray(0, SIZE) }
}

const folder = mkdtempSync(join(tmpdir(), 'greenlit-detection-'))
try {
  for (const [name, page] of Object.entries(pages())) {
    const found = detectEncoding(page)
    const ours =
      (await nanosecondsPerOperation((times) => {
        for (let time = 0; time < times; time += 1) detectEncoding(page)
      }, 200)) / 1e6
    const file = join(folder, name)
    writeFileSync(file, page)
    const theirs = await chardet(file)
    const beside =
      theirs === undefined
        ? 'skipped: chardet, which no Python here has (python3-chardet)'
        : `chardet ${theirs.version} ${theirs.milliseconds.toFixed(1)} ms (${theirs.encoding}), ${(theirs.milliseconds / ours).toFixed(0)} times as long`
    console.log(`${page.length} bytes in ${name}: ${ours.toFixed(3)} ms (${found}); ${beside}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function chardet(file) {
  for (const binary of ['python3', '/usr/bin/python3']) {
    try {
      const [milliseconds, encoding, version] = (await run(binary, [script, file])).stdout.trim().split(' ')
      return { milliseconds: Number(milliseconds), encoding, version }
    } catch {
      // Not installed, or without chardet: try the next one.
    }
  }
  return undefined
}
