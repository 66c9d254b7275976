import { checkOptions, show } from '@greenlit/core/engine'
import { LineFile } from './line-file.ts'

/**
 * A file that gets a line of JSON for each value, at once: after a crash it has all lines that were written, each of them whole once it
 * is opened to go on. A crawl that goes on may write a page twice: the URL tells them.
 *
 * @example
 * const out = new JsonLinesFile('pages.jsonl')
 * yield* crawl({ seeds, handle: (page) => out.write({ url: page.url, title: page.title }) })
 * out.close()
 */
export class JsonLinesFile {
  private readonly file: LineFile

  /**
   * @param path the file
   * @param options `resume`: whether to go on with a file that is there; default false, it is emptied
   * @throws what the system says if the file cannot be opened
   */
  constructor(path: string, options?: { readonly resume?: boolean | undefined }) {
    if (typeof path !== 'string' || path === '') {
      throw new TypeError(`Expected \`path\` to be the name of a file, got ${show(path)}`)
    }
    const given = checkOptions(options)
    this.file = new LineFile(path)
    try {
      if (given.resume) this.file.mend()
      else this.file.clear()
    } catch (error) {
      this.file.close()
      throw error
    }
  }

  /**
   * Writes a value.
   *
   * @throws {TypeError} for what JSON does not have; what the system says, as ENOSPC
   */
  write(value: unknown): void {
    this.file.append(value)
  }

  /** Closes the file, its lines on the disk. Closed twice nothing happens. */
  close(): void {
    this.file.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
