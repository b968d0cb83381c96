/** `dstreams explain`: the plan of a job, as text or JSON. */
import { explain } from '../observe/explain.ts'
import { planText } from '../observe/plan-text.ts'
import { type CommandLine, parametersOf } from './command-line.ts'
import { loadJob } from './load-job.ts'
import type { StandardOutput } from './standard-output.ts'

/** Prints the plan of a job file. */
export async function explainCommand(line: CommandLine, output: StandardOutput): Promise<void> {
  const job = await loadJob(line.file)
  const { engine, interval, strict } = line
  const params = parametersOf(line, job.options.params)
  const explanation = await explain(job, {
    engine,
    strict,
    params,
    ...(interval !== undefined && { interval }),
  })
  await output.print(
    line.format === 'json' ? `${JSON.stringify(explanation, undefined, 2)}\n` : planText(explanation),
  )
}
