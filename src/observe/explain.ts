/** What a job is made of, before it runs: its plan explained, with its functions as the engine would have them. */

import { type ExpressionDialect, type InputColumns, Parameters } from '../expression/print.ts'
import { children, type Expression } from '../expression/tree.ts'
import { type Explanation, explainPlan, type PrintExpression } from '../plan/explain.ts'
import { requireCompiled } from '../plan/plan.ts'
import type { Type } from '../schema/type.ts'
import { type BuildOptions, buildPlan, type Job } from '../stream/job.ts'

/** What a plan is explained for. */
export interface ExplainOptions extends BuildOptions {
  /** The engine whose form of the functions is shown: `duckdb` (default), or `memory`, which calls them as they are. */
  readonly engine?: 'duckdb' | 'memory'
  /** Refuses the job where a function of it is not compiled. */
  readonly strict?: boolean
}

/**
 * Explains a job: its steps, what is kept and made of each, and what each of its functions became. Nothing is run.
 * @example
 * const { steps } = await explain(wordcount, { params: { input: 'docs/*.md' } })
 * console.log(planText(await explain(wordcount)))
 */
export async function explain(
  job: Job,
  { engine = 'duckdb', strict = false, ...build }: ExplainOptions = {},
): Promise<Explanation> {
  const plan = buildPlan(job, build)
  if (strict) requireCompiled(plan)
  if (engine === 'memory') return explainPlan(plan)
  const { duckdbExpressions } = await import('../engines/duckdb/expression-sql.ts')
  return explainPlan(plan, printing(duckdbExpressions))
}

/** Prints expressions by a dialect, with the fields' own names where the engine has numbered columns. */
function printing(dialect: ExpressionDialect): PrintExpression {
  return (expression) => {
    const types = inputTypes(expression)
    const inputs = types.map((type, index) => inputColumns(type, types.length > 1 ? 'ab'[index]! : undefined))
    const parameters = new Parameters()
    return { text: dialect.expression(expression, inputs, parameters), parameters: parameters.values }
  }
}

/** The types of the inputs that an expression uses, by their index. */
function inputTypes(expression: Expression): (Type | undefined)[] {
  const types: (Type | undefined)[] = []
  const visit = (node: Expression): void => {
    if (node.kind === 'input') types[node.index] = node.type
    for (const child of children(node)) visit(child)
  }
  visit(expression)
  return Array.from(types)
}

function inputColumns(type: Type | undefined, side: string | undefined): InputColumns {
  if (type?.kind !== 'struct' || type.nullable) return { kind: 'value', sql: side ?? 'value' }
  const prefix = side ? `${side}.` : ''
  return {
    kind: 'columns',
    columns: type.fields.map(({ name }) => `${prefix}"${name.replaceAll('"', '""')}"`),
  }
}
