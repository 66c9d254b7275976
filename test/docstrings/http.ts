/** What the examples of http's docstrings use without declaring it. */
import type { Coroutine } from '@greenlit/core'
import type { Response, Session } from '@greenlit/http'

export { createReadStream } from 'node:fs'

export declare const page: Response
export declare const password: string
export declare const seeds: string[]
export declare const session: Session
export declare const token: string
export declare const url: string
export declare const urls: string[]
export declare const user: string

export declare function store(page: Response): Coroutine<void>
