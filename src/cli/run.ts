/**
 * `dstreams run`: a job from its first interval to its end.
 *
 * Standard output carries what the job's `stdout()` sinks print and nothing else; facts, warnings and errors go to
 * standard error. The job ends by itself, by a signal (the interval under way is finished, then it exits with 0), or
 * quietly when nobody reads standard output any more.
 */
import { factsText, summaryText } from '../observe/facts.ts'
import { type RunHandle, run } from '../run/run.ts'
import { type CommandLine, parametersOf } from './command-line.ts'
import { loadJob } from './load-job.ts'
import { tell } from './report.ts'
import type { StandardOutput } from './standard-output.ts'

/** How long a job may take to stop before it is ended by force. */
const STOP_LIMIT_MS = 10_000
/** Under `npm start` one Ctrl-C comes twice: from the terminal, and from npm, which passes on its own. */
const SAME_SIGNAL_MS = 500

/** Runs a job file to its end. */
export async function runCommand(line: CommandLine, output: StandardOutput): Promise<void> {
  const job = await loadJob(line.file)
  const { engine, interval, dir, until, verbose, strict, verify } = line
  const format = line.format === 'ndjson' ? 'ndjson' : 'table'
  const handle = run(job, {
    engine,
    format,
    strict,
    verify,
    params: parametersOf(line, job.options.params),
    ...(interval !== undefined && { interval }),
    ...(dir !== undefined && { dir }),
    ...(until !== undefined && { until }),
    print: (text) => output.print(text),
  })
  if (format === 'table' || verbose) handle.on('interval', (event) => tell(factsText(event)))
  handle.on('warning', (message) => tell(`warning: ${message}`))
  stopBySignal(handle)
  output.onClosed(() => void handle.stop().catch(() => {}))
  // a job that waits for something of which Node knows nothing (a promise of the user's) is not over
  setInterval(() => {}, 2 ** 30)
  const summary = await handle.finished
  if (!output.isClosed) tell(summaryText(summary))
}

/** The first signal ends the job after the interval under way, the second at once. */
function stopBySignal(handle: RunHandle): void {
  let firstMs: number | undefined
  const onSignal = (): void => {
    const nowMs = performance.now()
    if (firstMs !== undefined) {
      if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(130)
      return
    }
    firstMs = nowMs
    handle.stop().catch(() => {})
    setTimeout(() => {
      tell(
        `The job did not stop within ${STOP_LIMIT_MS / 1000} s; it was ended while an interval was under way.`,
      )
      process.exit(1)
    }, STOP_LIMIT_MS)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
}
