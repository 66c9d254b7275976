export { BrokenPipeError, FileNotFoundError, OSError, PermissionError } from './errors/os-error.ts'
export { EOFError, ProcessDiedError, ProcessError, SerializationError, TimeoutError } from './errors/process-error.ts'
export { CalledProcessError, type Output, SubprocessError, TimeoutExpired } from './errors/subprocess-error.ts'
export { DEVNULL, PIPE, STDOUT } from './subprocess/constants.ts'
export type { PopenOptions, StandardStream } from './subprocess/options.ts'
export { PipeReader } from './subprocess/pipe-reader.ts'
export { PipeWriter } from './subprocess/pipe-writer.ts'
export { Popen } from './subprocess/popen.ts'
export {
  CompletedProcess,
  call,
  checkCall,
  checkOutput,
  getoutput,
  getstatusoutput,
  type RunOptions,
  run,
} from './subprocess/run.ts'
