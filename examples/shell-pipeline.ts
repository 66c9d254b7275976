/** Programs in a pipeline, like `printf ... | sort | uniq -c`; then an interactive one, and one that takes too long. */
import { run as runMain } from '@greenlit/core'
import { PIPE, Popen, run, TimeoutExpired } from '@greenlit/process'

await runMain(function* () {
  const words = new Popen(['printf', 'pear\\napple\\npear\\n'], { stdout: PIPE })
  const sorted = new Popen(['sort'], { stdin: words.stdout, stdout: PIPE })
  const counted = new Popen(['uniq', '-c'], { stdin: sorted.stdout, stdout: PIPE, text: true })
  const [counts] = yield* counted.communicate()
  for (const line of counts.trimEnd().split('\n')) console.log(line.trim())

  const upper = new Popen(['tr', 'a-z', 'A-Z'], { stdin: PIPE, stdout: PIPE, text: true })
  const [shouted] = yield* upper.communicate('a line for a program\n')
  console.log(shouted.trimEnd())

  try {
    yield* run(['sleep', '60'], { timeout: 50 })
  } catch (error) {
    if (!(error instanceof TimeoutExpired)) throw error
    console.log(error.message)
  }
})
