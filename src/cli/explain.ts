/** `dstreams explain`: the plan of a job, as text. */
import { explain } from '../observe/explain.ts'
import { planText } from '../observe/plan-text.ts'
import { type CommandLine, parametersOf } from './command-line.ts'
import { loadJob } from './load-job.ts'
import type { StandardOutput } from './standard-output.ts'

/** Prints the plan of a job file. */
export async function explainCommand(line: CommandLine, output: StandardOutput): Promise<void> {
  const job = await loadJob(line.file)
  const { engine, interval } = line
  const params = parametersOf(line, job.options.params)
  await output.print(
    planText(await explain(job, { engine, params, ...(interval !== undefined && { interval }) })),
  )
}
