/** What DuckDB has to know before a job starts: the types of what functions return. */
import { DstreamsError } from '../../errors.ts'
import type { Lambda } from '../../plan/lambda.ts'
import { lambdasOf } from '../../plan/plan.ts'
import type { Step } from '../../plan/step.ts'

/** Of flatMap the declaration is that of an element. */
function ofElement(returns: string, purpose: Lambda['purpose']): string {
  if (purpose !== 'list') return returns
  const list = /^'(.*)\[\]'$/.exec(returns)?.[1]
  return list ? `'${list}'` : returns.startsWith('[') ? returns.slice(1, -1) : '...'
}

/** Throws an error that names the step and function, where a function is not compiled and its result not declared. */
export function checkTypes(step: Step): void {
  for (const { role, lambda, step: made = step.name } of lambdasOf(step)) {
    if (lambda.compiled.ok || lambda.type) continue
    const { construct, line, column, why, cure, returns = '...' } = lambda.compiled
    throw new DstreamsError('DS_LAMBDA', {
      what: `Step "${made}" (${role}) runs as JavaScript, because of \`${construct}\` at ${line}:${column} of its function, and duckdb needs to know what it returns. ${why}`,
      cure: `Declare it behind the function: { returns: ${ofElement(returns, lambda.purpose)} }. ${cure} With --engine memory no types are needed.`,
    })
  }
}
