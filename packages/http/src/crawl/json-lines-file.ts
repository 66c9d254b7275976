import type { Operation } from '@greenlit/core'
import { checkOptions, Done, show } from '@greenlit/core/engine'
import { checkBoolean } from '../check-argument.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { LineFile } from './line-file.ts'

/**
 * A file of JSON lines, one for each value. A line is written immediately, so that none is lost in a crash; opening the file with
 * `resume` removes a line that was cut off. A resumed crawl may write a page twice: compare the URLs to find such duplicates.
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
   * @param options `resume`: whether to append to an existing file. Default false, which empties it
   * @throws the system's error if the file cannot be opened
   */
  constructor(path: string, options?: { readonly resume?: boolean | undefined }) {
    if (typeof path !== 'string' || path === '') {
      throw new TypeError(`Expected \`path\` to be the name of a file, got ${show(path)}`)
    }
    const resume = checkBoolean(checkOptions(options).resume, 'resume', false)
    this.file = new LineFile(path)
    try {
      if (resume) this.file.mend()
      else this.file.clear()
    } catch (error) {
      this.file.close()
      throw error
    }
  }

  /**
   * Writes a value as a line.
   *
   * @throws {TypeError} for a value that JSON cannot represent; the system's error, such as ENOSPC
   */
  write(value: unknown): void {
    // JSON would make an empty object of it.
    if (isPromiseLike(value))
      throw new TypeError(`Expected a value that JSON has, got ${show(value)}: wait for it first`)
    this.file.append(value)
  }

  /** Flushes the file to disk and closes it. Does nothing if it is already closed. */
  close(): Operation<undefined> {
    this.file.close()
    return new Done()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
