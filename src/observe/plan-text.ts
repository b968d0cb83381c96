/**
 * An explained plan as text: a block of lines per step.
 *
 *   2  filter 2: select (flatMap, filter), a stream of string
 *        from 1 "lines", narrow
 *        flatMap: string_split(value, $1)   with $1 = " "
 */
import { textOf } from '../interval/duration.ts'
import type { ExplainedLambda, ExplainedStep, Explanation } from '../plan/explain.ts'

/** An explanation as text for people, ending with a newline. */
export function planText({ job, intervalMs, steps }: Explanation): string {
  const width = String(steps.length).length
  const blocks = steps.map((step) => stepLines(step, width).join('\n'))
  return `${[`job ${job}, intervals of ${textOf(intervalMs)}`, ...blocks].join('\n\n')}\n`
}

function stepLines(step: ExplainedStep, width: number): readonly string[] {
  const indent = ' '.repeat(width + 4)
  return [
    `${String(step.number).padStart(width)}  ${step.name}: ${step.kind}${step.detail ? ` (${step.detail})` : ''}`,
    `${indent}${flowText(step)}`,
    ...step.parents.map(({ number, name, dependency }) => `${indent}from ${number} "${name}", ${dependency}`),
    ...(step.kept ? [`${indent}${KEPT[step.kept]}`] : []),
    ...step.made.map(({ part, remember }) => `${indent}made: ${PARTS[part]}${rememberText(remember)}`),
    ...(step.positions ? [`${indent}rows carry their positions`] : []),
    ...step.lambdas.flatMap((lambda) => lambdaLines(lambda).map((line) => `${indent}${line}`)),
  ]
}

const KEPT: Record<NonNullable<ExplainedStep['kept']>, string> = {
  folded: 'folded: a state that new rows are added to and old ones subtracted from',
  merged: 'merged: put together from the partial results in the window at each slide',
  appended: 'appended: a bag that every record is added to',
  derived: 'derived: computed from its parents when needed',
}

const PARTS: Record<ExplainedStep['made'][number]['part'], string> = {
  rows: 'its rows',
  partial: 'partial results per interval and key',
  content: 'its content',
  before: 'what changed, before',
  after: 'what changed, after',
}

const rememberText = (remember: number): string =>
  remember === 0 ? '' : `, remembered for ${remember} interval${remember === 1 ? '' : 's'}`

function flowText({ kind, flow, type, key }: ExplainedStep): string {
  const of = type ?? 'rows whose type is not known'
  if (kind === 'sink') return `takes ${flow === 'table' ? 'the content of a table' : 'a stream'} of ${of}`
  const by = key === undefined ? ', a bag' : key.length > 0 ? `, by ${key.join(', ')}` : ', one row'
  return flow === 'table' ? `table of ${of}${by}` : `stream of ${of}`
}

const valuesText = (parameters: readonly unknown[]): string =>
  parameters.length === 0
    ? ''
    : `   with ${parameters.map((value, index) => `$${index + 1} = ${JSON.stringify(value)}`).join(', ')}`

function lambdaLines(lambda: ExplainedLambda): readonly string[] {
  const { role } = lambda
  if (!lambda.compiled) {
    const { construct, line, column, why, cure, returns } = lambda
    return [
      `${role}: JAVASCRIPT, because of ${construct} (line ${line}, column ${column} of the function)`,
      `  ${why}`,
      `  ${cure}`,
      returns === undefined
        ? '  it does not say what it returns, which duckdb needs to know: { returns: ... }'
        : `  it returns ${returns}`,
    ]
  }
  if (lambda.sql === undefined) return [`${role}: called as it is`]
  const compiled = `${role}: ${lambda.sql}${valuesText(lambda.parameters)}`
  if (!lambda.guard) return [compiled]
  const { sql, parameters } = lambda.guard
  return [
    compiled,
    `  where ${sql}${valuesText(parameters)}; for other records the function itself is called`,
  ]
}
