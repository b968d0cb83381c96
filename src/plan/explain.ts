/**
 * A plan explained, as data: for each step what it is, where its rows come from, how it is kept, what is made of it
 * as a dataset and for how long that is remembered, and what became of each of its functions.
 *
 * How an expression reads as SQL is told by a function that is passed in: nothing here knows an engine.
 */
import type { Expression } from '../expression/tree.ts'
import { textOf } from '../interval/duration.ts'
import { describe } from '../schema/type.ts'
import { Analysis } from './analysis.ts'
import type { Lambda } from './lambda.ts'
import { type Dependency, dependencyOf, lambdasOf, type Plan, parentsOf } from './plan.ts'
import type { Series, Statement } from './relation.ts'
import { statementsOf } from './statements.ts'
import type { Flow, Step } from './step.ts'

/** A plan, in words and data. */
export interface Explanation {
  readonly job: string
  readonly intervalMs: number
  readonly steps: readonly ExplainedStep[]
}

/** One step of a plan, in words and data. */
export interface ExplainedStep {
  /** From 1, in the order of the plan. */
  readonly number: number
  readonly name: string
  readonly kind: Step['kind']
  /** What the step does, in a few words. */
  readonly detail: string
  readonly flow: Flow
  /** Type of the rows, as a user would write it; absent after a function that is not compiled. */
  readonly type?: string
  /** Of a table: the fields that identify a row; absent of a bag. */
  readonly key?: readonly string[]
  /** Where the rows come from, and whether row by row or by bringing rows together (DS-39). */
  readonly parents: readonly {
    readonly number: number
    readonly name: string
    readonly dependency: Dependency
  }[]
  /**
   * Of a table: how its content is kept. `folded`: a state that changes are added to and subtracted from; `merged`:
   * put together from the partials in the window; `appended`: a bag that grows; `derived`: computed when needed.
   */
  readonly kept?: 'folded' | 'merged' | 'appended' | 'derived'
  /** What is made as datasets of their own, and for how many later intervals it is remembered. */
  readonly made: readonly { readonly part: Series['part']; readonly remember: number }[]
  /** Whether the rows carry their positions, because a later step needs their order. */
  readonly positions: boolean
  readonly lambdas: readonly ExplainedLambda[]
}

/** A function of a step: the SQL that it became, or why it runs as JavaScript and how to write it so that it compiles. */
export type ExplainedLambda = CompiledLambda | JavaScriptLambda
export interface CompiledLambda {
  readonly role: string
  readonly compiled: true
  readonly sql?: string
  readonly parameters: readonly unknown[]
  /** The condition under which the SQL is used; for other records the function itself is called. */
  readonly guard?: { readonly sql: string; readonly parameters: readonly unknown[] }
}
export interface JavaScriptLambda {
  readonly role: string
  readonly compiled: false
  /** The construct that prevents compiling, and where it is in the function's text. */
  readonly construct: string
  readonly line: number
  readonly column: number
  readonly why: string
  readonly cure: string
  /** What it returns, as declared; absent where nobody said. */
  readonly returns?: string
}

/** Text of an expression for people, with the values of its parameters. */
export type PrintExpression = (expression: Expression) => {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/** Explains a plan. Without `print` the functions that compile are named, not shown. */
export function explainPlan(plan: Plan, print?: PrintExpression): Explanation {
  const analysis = new Analysis(plan)
  const { intervalMs } = plan
  // what a live interval does: the one that ends at the epoch, because all windows slide then
  const statements = statementsOf(
    analysis,
    { from: 0, to: 1 },
    { originMs: -intervalMs, lengthMs: intervalMs },
  )
  return {
    job: plan.job,
    intervalMs,
    steps: plan.steps.map((step) => explainStep(step, analysis, statements, print)),
  }
}

function explainStep(
  step: Step,
  analysis: Analysis,
  statements: readonly Statement[],
  print: PrintExpression | undefined,
): ExplainedStep {
  const kept = keptAs(step, analysis)
  return {
    number: step.id + 1,
    name: step.name,
    kind: step.kind,
    detail: detailOf(step),
    flow: step.flow,
    ...(step.type && { type: describe(step.type) }),
    ...(step.flow === 'table' && step.key && { key: step.key }),
    parents: parentsOf(analysis.plan, step).map(({ id, name }) => ({
      number: id + 1,
      name,
      dependency: dependencyOf(step),
    })),
    ...(kept && { kept }),
    made: madeOf(step, statements),
    positions: analysis.positions[step.id]! > 0,
    lambdas: lambdasOf(step).map(({ role, lambda }) => explainLambda(role, lambda, print)),
  }
}

function keptAs(step: Step, analysis: Analysis): ExplainedStep['kept'] {
  if (step.flow !== 'table' || step.kind === 'sink') return undefined
  if (step.kind === 'aggregate') return analysis.upkeep(step)
  if (step.kind === 'state') return step.of === 'bag' ? 'appended' : 'folded'
  return 'derived'
}

function madeOf(step: Step, statements: readonly Statement[]): ExplainedStep['made'] {
  const made: { part: Series['part']; remember: number }[] = []
  for (const statement of statements) {
    if ((statement.kind === 'make' || statement.kind === 'apply') && statement.series.step === step.id)
      made.push({ part: statement.series.part, remember: 0 })
    if (statement.kind !== 'forget' || statement.series.step !== step.id) continue
    const own = made.find(({ part }) => part === statement.series.part)
    if (own) own.remember = 1 - statement.before
  }
  return made
}

function detailOf(step: Step): string {
  switch (step.kind) {
    case 'source':
      return step.output === 'rejects' ? 'rejects' : `${step.source.kind} ${step.source.detail}`.trimEnd()
    case 'select':
      return step.operations.map(({ kind }) => kind).join(', ')
    case 'union':
      return ''
    case 'window':
      return `the last ${textOf(step.lengthMs)}, every ${textOf(step.slideMs)}`
    case 'aggregate':
      return step.shape === 'key'
        ? 'distinct'
        : step.aggregates.map(({ name, kind }) => (name === kind ? kind : `${name}: ${kind}`)).join(', ')
    case 'state':
      return step.of === 'bag' ? 'all records so far' : 'the aggregate over all time'
    case 'order':
      return [
        ...step.orders.map(({ direction }) => direction),
        ...(step.limit === undefined ? [] : [`first ${step.limit}`]),
      ].join(', ')
    case 'apply':
    case 'emit':
      return step.mode
    case 'sink':
      return `${step.sink.kind} ${step.sink.detail}`.trimEnd()
    default:
      return step satisfies never
  }
}

function explainLambda(
  role: string,
  { compiled, type }: Lambda,
  print: PrintExpression | undefined,
): ExplainedLambda {
  if (!compiled.ok) {
    const { construct, line, column, why, cure } = compiled
    const returns = type && { returns: describe(type) }
    return { role, compiled: false, construct, line, column, why, cure, ...returns }
  }
  if (!print) return { role, compiled: true, parameters: [] }
  const { text, parameters } = print(compiled.body)
  const guard = compiled.guard && print(compiled.guard)
  return {
    role,
    compiled: true,
    sql: text,
    parameters,
    ...(guard && { guard: { sql: guard.text, parameters: guard.parameters } }),
  }
}
