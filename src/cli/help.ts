/** What `dstreams --help` says. */
import { OPTIONS } from './command-line.ts'

const EXAMPLES = `Examples:
  dstreams run examples/wordcount.ts
  dstreams run job.ts --input 'logs/*.log' --until drained --format ndjson
  tail -f app.log | dstreams run job.ts --input -
  dstreams explain job.ts`

export function helpText(): string {
  const lines = Object.entries(OPTIONS).map(([name, { value, help }]) => ({
    option: `--${name}${value ? ` <${value}>` : ''}`,
    help,
  }))
  const width = Math.max(...lines.map(({ option }) => option.length))
  return `Usage:
  dstreams run <job file> [options]       runs a job
  dstreams explain <job file> [options]   shows its plan

A job file is TypeScript or JavaScript whose default export is a job.

Options:
${lines.map(({ option, help }) => `  ${option.padEnd(width)}  ${help}`).join('\n')}
  ${'--<parameter> <value>'.padEnd(width)}  a parameter that the job declares

${EXAMPLES}
`
}
