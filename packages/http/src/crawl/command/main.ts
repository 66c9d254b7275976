import { crawlCommand } from './command.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe, such as `head`, has closed it.
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`Standard output takes no more: ${error.message}\n`)
  process.exit(1)
})
// The crawl continues even if nobody reads its progress.
process.stderr.on('error', () => {})
process.exitCode = await crawlCommand(process.argv.slice(2))
