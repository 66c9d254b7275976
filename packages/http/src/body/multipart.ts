import { ReadStream } from 'node:fs'
import { basename } from 'node:path'
import { show } from '@greenlit/core/engine'
import { checkHeader } from '../headers/check-header.ts'
import { type BodyContent, type ContentSource, contentOf, joinContents } from './body-content.ts'

/** A file to send: its content alone, or with file name, content type and further headers. */
export type FileSpec =
  | ContentSource
  | readonly [
      filename: string | null | undefined,
      content: ContentSource,
      contentType?: string | null | undefined,
      headers?: Readonly<Record<string, string>> | undefined,
    ]
/** Files by field name; `undefined` or `null` means no file. As pairs, a name may occur several times. */
export type Files = Readonly<Record<string, MaybeFile>> | Iterable<readonly [name: string, file: MaybeFile]>

type MaybeFile = FileSpec | null | undefined

/** A form field that is not a file. */
export type FormField = readonly [name: string, value: string | Uint8Array]

/** A multipart body that is ready to be sent. */
export interface Multipart {
  readonly content: BodyContent
  readonly contentType: string
}

/**
 * Encodes a form with files (RFC 7578). Names and values are sent as UTF-8, as browsers do; the length is known unless a file is a
 * stream.
 *
 * @param fields the fields that are not files, which are sent first
 * @param files each `name -> content`, or `[filename, content, contentType, headers]`; the file name defaults to that of a `File`, or
 *   else to the field's name. `undefined` as the file name sends it as an ordinary field
 * @param boundary the separator of the parts. Default random
 * @throws {TypeError} for a file whose content is of an unsupported type; {InvalidHeader} for a part's header that cannot be sent
 * @example
 * encodeMultipart([['who', 'ëlïxr']], { report: ['report.csv', 'a,b\n', 'text/csv'] }).content.length // 294
 */
export function encodeMultipart(
  fields: Iterable<FormField>,
  files: Files,
  boundary = `greenlit-${crypto.randomUUID().replaceAll('-', '')}`,
): Multipart {
  const contents: BodyContent[] = []
  const add = (disposition: string, headers: readonly string[], content: BodyContent): void => {
    const lines = [`--${boundary}`, `Content-Disposition: form-data; ${disposition}`, ...headers, '', '']
    contents.push(text(lines.join('\r\n')), content, text('\r\n'))
  }
  for (const [name, value] of fields) add(parameter('name', name), [], contentOf(value)!)
  for (const pair of Symbol.iterator in files ? files : Object.entries(files)) {
    const [name, file] = checkPair(pair)
    if (file === undefined || file === null) continue
    const { filename, content, contentType, headers } = read(name, file)
    const disposition = [parameter('name', name), ...(filename === undefined ? [] : [parameter('filename', filename)])]
    const lines = partHeaders(contentType, headers)
    for (const [key, value] of lines) checkHeader(key, value)
    add(
      disposition.join('; '),
      lines.map(([key, value]) => `${key}: ${value}`),
      content,
    )
  }
  contents.push(text(`--${boundary}--\r\n`))
  return { content: joinContents(contents), contentType: `multipart/form-data; boundary=${boundary}` }
}

/** The headers of a part besides its `Content-Disposition`, which names the field: a second one would be ambiguous. */
function partHeaders(
  contentType: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): [string, string][] {
  const given = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-disposition')
  const isTyped = contentType === undefined || given.some(([name]) => name.toLowerCase() === 'content-type')
  return isTyped ? given : [['Content-Type', contentType], ...given]
}

function checkPair(pair: readonly [name: string, file: MaybeFile]): readonly [name: string, file: MaybeFile] {
  if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string') return pair
  throw new TypeError(`Expected \`files\` to be an object, or pairs of a field's name and its file, got ${show(pair)}`)
}

function read(name: string, file: FileSpec) {
  const [givenName, source, contentType, headers] = Array.isArray(file)
    ? (file as unknown as readonly [string | null | undefined, ContentSource, string?, Record<string, string>?])
    : [nameOf(file as ContentSource) ?? name, file as ContentSource]
  const filename = givenName ?? undefined
  const content = contentOf(source)
  if (content === undefined) {
    throw new TypeError(`Expected the file \`${name}\` to be bytes, text, a Blob or an iterable, got ${show(source)}`)
  }
  if (filename !== undefined && typeof filename !== 'string') {
    throw new TypeError(`Expected the file name of \`${name}\` to be a string, got ${show(filename)}`)
  }
  const ownType = source instanceof Blob && source.type !== '' ? source.type : undefined
  return { filename, content, contentType: contentType ?? ownType, headers }
}

/** The name of a `File`, which is a Blob with a name, or of the file that a stream reads. */
function nameOf(source: ContentSource): string | undefined {
  if (source instanceof ReadStream) return typeof source.path === 'string' ? basename(source.path) : undefined
  return source instanceof Blob && 'name' in source && typeof source.name === 'string' ? source.name : undefined
}

/** Escapes characters that would end the quotes or the line, as the HTML standard says. */
function parameter(key: string, value: string): string {
  const escaped = value.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  return `${key}="${escaped}"`
}

function text(value: string): BodyContent {
  return contentOf(value)!
}
