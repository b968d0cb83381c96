/**
 * Functions as SQL: the expression they were compiled to, or a call of the function itself.
 *
 * A compiled function may have a guard: records for which it is false are given to the function itself, row by row,
 * inside the same expression.
 */
import type { InputColumns, Parameters } from '../../expression/print.ts'
import type { Site } from '../../plan/call.ts'
import type { Lambda } from '../../plan/lambda.ts'
import type { Type } from '../../schema/type.ts'
import { duckdbExpressions } from './expression-sql.ts'
import type { UserFunctions } from './user-functions.ts'
import { fromResult } from './vectors.ts'

/** What printing a statement needs to know. */
export interface Printing {
  readonly parameters: Parameters
  readonly functions: UserFunctions
}

/** Where a function stands in the plan, and what it is called with. */
export interface Place extends Pick<Site, 'step' | 'role'> {
  readonly inputType: Type
}

/** The value of a function that has no row of its own to leave out: where it fails the job fails. */
export function lambdaSql(lambda: Lambda, input: InputColumns, place: Place, printing: Printing): string {
  const call = (): string =>
    fromResult(
      printing.functions.call(lambda, 'must', place, { input, inputType: place.inputType }),
      lambda.type!,
    )
  if (!lambda.compiled.ok) return call()
  const body = duckdbExpressions.expression(lambda.compiled.body, [input], printing.parameters)
  const guard = guardSql(lambda, input, printing)
  return guard === undefined ? body : `CASE WHEN ${guard} THEN ${body} ELSE ${call()} END`
}

/** The condition under which a compiled function's expression has its value; `undefined` where it always has. */
export function guardSql(
  { compiled }: Lambda,
  input: InputColumns,
  { parameters }: Printing,
): string | undefined {
  if (!compiled.ok || !compiled.guard) return undefined
  return duckdbExpressions.expression(compiled.guard, [input], parameters)
}

/** Whether a function is its expression and nothing else. */
export const isExpression = ({ compiled }: Lambda): boolean => compiled.ok && !compiled.guard
