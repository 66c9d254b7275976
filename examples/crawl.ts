/** The crawler as a command: `npm run crawl`, `npm run crawl -- URL...`, `npm run crawl -- --file urls.txt --json`. */
import { crawlCommand } from './crawl/command.ts'

process.exitCode = await crawlCommand(process.argv.slice(2))
