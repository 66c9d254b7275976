import { describe, expect, test } from 'vitest'
import { encodingFromContentType, encodingFromMark, encodingFromMarkup } from '../../src/encoding/declared.ts'

const markup = (text: string) => encodingFromMarkup(Buffer.from(text, 'latin1'))

describe('encodingFromContentType', () => {
  test.each([
    ['text/html; charset=GBK', 'GBK'],
    ['text/html;Charset="utf-8"', 'utf-8'],
    ["text/html; charset='latin-1'", 'latin-1'],
    ['text/html; charset=gbk, text/html', 'gbk'],
    ['text/html, text/html; charset=gbk', 'gbk'],
    ['application/json', 'utf-8'],
    ['application/json; charset=utf-16', 'utf-16'],
    ['text/html', undefined],
    ['text/html; charset=', undefined],
    ['image/png', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s declares %s', (header, encoding) => {
    expect(encodingFromContentType(header)).toBe(encoding)
  })
})

describe('encodingFromMark', () => {
  test.each([
    [[0xef, 0xbb, 0xbf], 'utf-8'],
    [[0xff, 0xfe, 0x41, 0], 'utf-16le'],
    [[0xfe, 0xff, 0, 0x41], 'utf-16be'],
    [[0xff, 0xfe, 0, 0, 0x41, 0, 0, 0], 'utf-32le'],
    [[0, 0, 0xfe, 0xff], 'utf-32be'],
    [[0xff, 0xfe, 0, 0x41], 'utf-16le'],
    [[0xff, 0xfe, 0, 0, 0x41, 0], 'utf-16le'],
    [[0xef, 0xbb], undefined],
    [[0xef, 0x41, 0xbf], undefined],
    [[0x41, 0xbb, 0xbf], undefined],
    [[0xff, 0x41, 0, 0], undefined],
    [[0x41, 0xfe, 0, 0], undefined],
    [[0xfe, 0x41], undefined],
    [[0x41, 0xff], undefined],
    [[0x41, 0, 0xfe, 0xff], undefined],
    [[0, 0x41, 0xfe, 0xff], undefined],
    [[0, 0, 0x41, 0xff], undefined],
    [[0, 0, 0xfe, 0x41], undefined],
    [[], undefined],
  ])('%j is the mark of %s', (bytes, encoding) => {
    expect(encodingFromMark(Uint8Array.from(bytes))).toBe(encoding)
  })
})

describe('encodingFromMarkup', () => {
  test.each([
    ['<meta charset="gbk">', 'gbk'],
    ["<meta charset='gbk'>", 'gbk'],
    ['<meta charset=gbk>', 'gbk'],
    ['<META  CHARSET = "GB2312" />', 'gbk'],
    ['<meta name=a content=b charset=big5>', 'big5'],
    ['<meta/charset=big5>', 'big5'],
    ['<html><head><title>a > b</title><meta charset=euc-kr>', 'euc-kr'],
    ['<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', 'shift_jis'],
    ['<meta content=\'text/html;charset="euc-jp"\' http-equiv=content-type>', 'euc-jp'],
    ['<meta http-equiv="Content-Type" content="text/html; charset = koi8-r ; x">', 'koi8-r'],
    ['<?xml version="1.0" encoding="windows-1251"?><a/>', 'windows-1251'],
    ["<?xml version='1.0' encoding='GB18030'?>", 'gb18030'],
    ['<a title="<meta charset=gbk>"><meta charset=big5>', 'big5'],
    ['<meta charset=klingon><meta charset=gbk>', 'gbk'],
    ['<meta charset=utf-16>', 'utf-8'],
    ['<meta charset=x-user-defined>', 'windows-1252'],
    ['<!-- c --><meta charset=gbk>', 'gbk'],
    ['<!--><meta charset=gbk>', 'gbk'],
    ['<!-- > <meta charset=gbk> --><meta charset=big5>', 'big5'],
    ['<!doctype <meta charset=gbk><meta charset=big5>', 'big5'],
    ['<meta charset=big5 charset=gbk>', 'big5'],
    ['1 < 2 <meta charset=gbk>', 'gbk'],
    ['<meta <meta charset=gbk>', 'gbk'],
    ['<meta =x charset=gbk>', 'gbk'],
    ['<html \xf1 a=\xf1>\xf1<meta charset="\n gbk\t">', 'gbk'],
    ['<meta " charset=gbk><p>"', 'gbk'],
    ['<meta http-equiv=content-type content="text/html" charset=gbk>', 'gbk'],
    ['<meta http-equiv=content-type content="charset;charset=gbk">', 'gbk'],
    ['<p title="x>"><meta charset=gbk>', 'gbk'],
    ['<META HTTP-EQUIV="Content-Type" CONTENT="text/html; CHARSET=\'gbk\'">', 'gbk'],
    ['<?XML VERSION="1.0" ENCODING="gbk"?>', 'gbk'],
    ['<?xml version="1.0" encoding=""?><meta charset=gbk>', 'gbk'],
    ['<P title="<meta charset=gbk>"></P title="<meta charset=gbk>"><meta charset=big5>', 'big5'],
    ['<?php <meta charset=gbk><meta charset=big5>', 'big5'],
    ['<meta charset="" name=\'\'charset=gbk><meta content=""charset=big5>', 'big5'],
  ])('%s declares %s', (text, encoding) => {
    expect(markup(text)).toBe(encoding)
  })

  test.each([
    '<!-- <meta charset=gbk> -->',
    '<!-- <meta charset=gbk>',
    '<!doctype <meta charset=gbk',
    '<p>charset=gbk</p>',
    '<a charset=gbk>',
    '<meta name=charset content=gbk>',
    '<meta http-equiv=refresh content="0; charset=gbk">',
    '<metadata charset=gbk>',
    '<p><?xml version="1.0" encoding="gbk"?>',
    '<meta http-equiv=content-type content=\'charset=""gbk\'>',
    '<meta charset=klingon>',
    '<meta charset',
    '<meta charset="gbk',
    '<meta charset=gbk',
    '<meta charset=gbk ',
    '<meta http-equiv=content-type content="text/html; charset=gbk',
    '<p title="x><meta charset=gbk><p>',
    '<meta http-equiv=content-type content="charset=\'gbk">',
    '<metacharset=gbk>',
    '<',
    '',
  ])('%s declares nothing', (text) => {
    expect(markup(text)).toBeUndefined()
  })

  test('only the first 1024 bytes count', () => {
    expect(markup(`${' '.repeat(1024 - 18)}<meta charset=gbk>`)).toBe('gbk')
    expect(markup(`${' '.repeat(1024)}<meta charset=gbk>`)).toBeUndefined()
    expect(markup('<'.repeat(100_000))).toBeUndefined()
  })
})
