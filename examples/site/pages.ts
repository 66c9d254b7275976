import { brotliCompressSync, gzipSync } from 'node:zlib'
import { encode } from './encode.ts'

/** A page as the server sends it. */
export interface Page {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

const CHINESE = '春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。床前明月光，疑是地上霜。举头望明月，低头思故乡。'
const TRADITIONAL = '春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。'
const JAPANESE = '古池や蛙飛びこむ水の音。夏草や兵どもが夢の跡。閑さや岩にしみ入る蝉の声。五月雨を集めて早し最上川。'
const KOREAN =
  '나 보기가 역겨워 가실 때에는 말없이 고이 보내 드리우리다. 영변에 약산 진달래꽃 아름 따다 가실 길에 뿌리우리다.'
const FRENCH =
  'Où sont les neiges d’antan ? L’été dernier, à Nîmes, un garçon très âgé fêtait Noël : « déjà vu », disait-il… 12 €'
const ENGLISH = 'The world in UTF-8: 世界, 世界, 세계, мир, monde — €.'

/** How a page declares its encoding. */
type Declared = 'header' | 'meta' | 'nowhere' | 'wrongly'

/** The site's pages that are answered at once, by path. */
export const PAGES: ReadonlyMap<string, Page> = new Map([
  ['/utf-8', html('utf-8', ENGLISH, 'header')],
  ['/utf-8-undeclared', html('utf-8', ENGLISH, 'nowhere')],
  ['/gbk', html('gbk', CHINESE, 'header')],
  ['/gbk-meta', html('gbk', CHINESE, 'meta')],
  ['/gbk-undeclared', html('gbk', CHINESE, 'nowhere')],
  ['/gbk-declared-wrongly', html('gbk', CHINESE, 'wrongly')],
  ['/big5', html('big5', TRADITIONAL, 'header')],
  ['/big5-undeclared', html('big5', TRADITIONAL, 'nowhere')],
  ['/shift_jis-meta', html('shift_jis', JAPANESE, 'meta')],
  ['/shift_jis-undeclared', html('shift_jis', JAPANESE, 'nowhere')],
  ['/euc-kr', html('euc-kr', KOREAN, 'header')],
  ['/euc-kr-declared-wrongly', html('euc-kr', KOREAN, 'wrongly')],
  ['/windows-1252-meta', html('windows-1252', FRENCH, 'meta')],
  ['/windows-1252-undeclared', html('windows-1252', FRENCH, 'nowhere')],
  ['/gzip', coded('gzip', gzipSync)],
  ['/br', coded('br', brotliCompressSync)],
  ['/redirect', { status: 302, headers: { location: '/redirected' }, body: new Uint8Array() }],
  ['/redirected', { status: 301, headers: { location: '/utf-8' }, body: new Uint8Array() }],
  ['/missing', { status: 404, headers: { 'content-type': 'text/plain' }, body: encode('nothing here', 'utf-8') }],
  ['/broken', { status: 500, headers: { 'content-type': 'text/plain' }, body: encode('it broke', 'utf-8') }],
])

function html(encoding: string, text: string, declared: Declared): Page {
  const meta = declared === 'meta' ? `<meta charset="${encoding}">` : ''
  const charset = declared === 'header' ? `; charset=${encoding}` : declared === 'wrongly' ? '; charset=iso-8859-1' : ''
  return {
    status: 200,
    headers: { 'content-type': `text/html${charset}` },
    body: encode(
      `<!doctype html><html><head>${meta}<title>${encoding}</title></head><body><p>${text}</p></body></html>\n`,
      encoding,
    ),
  }
}

function coded(coding: string, compress: (bytes: Uint8Array) => Uint8Array): Page {
  const plain = html('utf-8', `${ENGLISH} `.repeat(50), 'header')
  return { ...plain, headers: { ...plain.headers, 'content-encoding': coding }, body: compress(plain.body) }
}
