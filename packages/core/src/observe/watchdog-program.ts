/** The program of the watching thread, as a string so that no bundler or loader has to find another file. */
export const watchdogProgram: string = `
const { workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const { Session } = require('node:inspector')
const { beats, maxBlockingTime, file, canPause } = workerData
let last = Atomics.load(beats, 0)
let since = performance.now()
let reported = false

function check() {
  const now = performance.now()
  const beat = Atomics.load(beats, 0)
  if (beat !== last) {
    last = beat
    since = now
    reported = false
  } else if (!reported && now - since > maxBlockingTime) {
    reported = true
    if (canPause) pause(now - since)
    else report(now - since, [])
  }
}

function report(time, stack) {
  try {
    writeSync(file, ['The thread has been held for ' + Math.round(time) + ' ms', ...stack].join('\\n') + '\\n')
  } catch {
    // The reader is gone.
  }
}

function pause(time) {
  const session = new Session()
  const urls = new Map()
  const finish = (frames) => {
    clearTimeout(patience)
    session.removeAllListeners()
    // Before anything else: a paused thread without a debugger would never run again.
    session.post('Debugger.resume')
    session.post('Debugger.disable', () => session.disconnect())
    report(time, frames.map(({ functionName, location: { scriptId, lineNumber, columnNumber } }) =>
      '    at ' + (functionName || '<anonymous>') + ' (' + [urls.get(scriptId), lineNumber + 1, columnNumber + 1].join(':') + ')'))
  }
  // A synchronous call of the platform cannot be paused.
  const patience = setTimeout(finish, 500, [])
  session.connectToMainThread()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params }) => finish(params.callFrames))
  session.post('Debugger.enable')
  session.post('Debugger.pause')
}

setInterval(check, Math.max(1, maxBlockingTime / 4))
`
