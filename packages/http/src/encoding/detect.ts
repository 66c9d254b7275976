const TRIED = ['utf-8', 'gbk', 'euc-jp', 'shift_jis', 'euc-kr', 'big5']

/** What the bytes look like they are encoded in. */
export function detectEncoding(bytes: Uint8Array): string {
  for (const name of TRIED) {
    try {
      new TextDecoder(name, { fatal: true }).decode(bytes)
      return name
    } catch {
      // The next one.
    }
  }
  return 'windows-1252'
}
