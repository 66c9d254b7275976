import { joinall, spawn } from '@greenlit/core'
import { startSite } from '../site/server.ts'
import { parseArguments, USAGE } from './arguments.ts'
import { Progress } from './progress.ts'
import { summary, table } from './report.ts'
import { type Visit, visit } from './visit.ts'

/** `npm run crawl`: crawls the URLs it is given, or the embedded site. Resolves to the exit status. */
export async function crawlCommand(args: readonly string[]): Promise<number> {
  let asked: ReturnType<typeof parseArguments>
  try {
    asked = parseArguments(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message.split('\n', 1)[0]}\n${USAGE}\n`)
    return 2
  }
  if (asked === 'help') {
    process.stdout.write(`${USAGE}\nWithout a URL it crawls an embedded site.\n`)
    return 0
  }
  const site = asked.urls === undefined ? await startSite() : undefined
  // No proxy that the environment may name leads to the embedded site.
  if (site !== undefined) process.env.no_proxy = '127.0.0.1'
  try {
    return await crawlAll(asked.urls ?? site!.urls, asked.timeout, asked.json)
  } finally {
    site?.close()
  }
}

async function crawlAll(urls: readonly string[], timeout: number, json: boolean): Promise<number> {
  const started = performance.now()
  const visits: Visit[] = []
  const progress = new Progress(process.stderr, urls.length)
  const greenlets = urls.map((url) =>
    spawn(function* () {
      const done: Visit = yield* visit(url, timeout)
      visits.push(done)
      progress.add(done.ok)
      if (json) process.stdout.write(`${JSON.stringify(done)}\n`)
    }),
  )
  let interrupted = false
  const interrupt = () => {
    interrupted = true
    for (const greenlet of greenlets) greenlet.kill()
  }
  process.once('SIGINT', interrupt)
  await joinall(greenlets)
  process.off('SIGINT', interrupt)
  progress.clear()
  const line = summary(visits, performance.now() - started)
  if (json) process.stderr.write(`${line}\n`)
  else process.stdout.write(`${table(visits)}\n${line}\n`)
  if (interrupted) return 130
  return visits.length > 0 && visits.every((done) => !done.ok) ? 1 : 0
}
