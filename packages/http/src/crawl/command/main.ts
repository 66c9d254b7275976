import { crawlCommand } from './command.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read the output, as `head` does, has seen enough.
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`Standard output takes no more: ${error.message}\n`)
  process.exit(1)
})
// Whom nobody listens to goes on with what is asked for.
process.stderr.on('error', () => {})
process.exitCode = await crawlCommand(process.argv.slice(2))
