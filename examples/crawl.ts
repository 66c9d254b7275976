/** The crawler as a command: `npm run crawl`, `npm run crawl -- URL...`, `npm run crawl -- --file urls.txt --json`. */
import { crawlCommand } from './crawl/command.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of the output, such as `head`, has closed the pipe.
  if (error.code === 'EPIPE') process.exit()
  throw error
})
process.exitCode = await crawlCommand(process.argv.slice(2))
