import { crawlCommand } from './command.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read the output, as `head` does, has seen enough.
  if (error.code === 'EPIPE') process.exit()
  throw error
})
process.exitCode = await crawlCommand(process.argv.slice(2))
