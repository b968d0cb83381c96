/** `dstreams explain`: the plan of a job, as text. */
import { explain } from '../observe/explain.ts'
import { planText } from '../observe/plan-text.ts'
import { type CommandLine, parametersOf } from './command-line.ts'
import { loadJob } from './load-job.ts'

/** Prints the plan of a job file and returns the exit status. */
export async function explainCommand(line: CommandLine): Promise<number> {
  const job = await loadJob(line.file)
  const { engine, interval } = line
  const params = parametersOf(line, job.options.params)
  process.stdout.write(
    planText(await explain(job, { engine, params, ...(interval !== undefined && { interval }) })),
  )
  return 0
}
