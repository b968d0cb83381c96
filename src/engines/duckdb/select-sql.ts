/**
 * Selects as SQL: one SELECT around the other, an operation each.
 *
 * A function that is not compiled is called in a SELECT of its own, and the rows for which it failed are left out by
 * the one around it:
 *
 *   SELECT struct_extract(j, 'f0') AS c0, ... FROM (SELECT ds_user0(c0, c1) AS j, ... FROM (...)) WHERE j IS NOT NULL
 */
import type { InputColumns } from '../../expression/print.ts'
import type { Expression } from '../../expression/tree.ts'
import { bodyOf, type Lambda } from '../../plan/lambda.ts'
import { functionsOf } from '../../plan/plan.ts'
import type { RecordShape, Select } from '../../plan/relation.ts'
import { sampleThreshold } from '../../plan/sample.ts'
import type {
  ExtendOperation,
  FlatMapOperation,
  FunctionOperation,
  MapOperation,
  Operation,
} from '../../plan/step.ts'
import type { Type } from '../../schema/type.ts'
import { canonical } from './canonical-sql.ts'
import {
  asColumns,
  empty,
  fieldsOf,
  inputOf,
  intervalOutput,
  intervalValue,
  list,
  numbered,
  packed,
  sameInterval,
  spread,
  valueColumns,
} from './columns-sql.ts'
import { duckdbExpressions } from './expression-sql.ts'
import { guardSql, isExpression, type Printing } from './lambda-sql.ts'
import { returnedValue } from './returned.ts'
import { type Gives, positionSql } from './user-functions.ts'

/** The canonical value of an expression; a field that is passed on is canonical already. */
export const canonicalOf = (part: Expression, sql: string): string =>
  part.kind === 'property' || part.kind === 'input' ? sql : canonical(sql, part.type)

/** The rows that an operation works on. */
interface Rows {
  readonly sql: string
  readonly type: Type
  /** Columns beside the value: the interval, where there is one, and the position. */
  readonly hidden: readonly string[]
  readonly positions: number
  /** SQL of the interval, where rows have one. */
  readonly interval: string | undefined
}

/** A select over the SQL of its input. */
export function selectSql({ input, step, shape }: Select, sql: string, printing: Printing): string {
  const from = input.shape as RecordShape
  let rows = rowsOf(from, sql)
  const rejects: string[] = []
  for (const operation of step.operations) {
    if (step.output === 'rejects' && operation.kind !== 'sample')
      rejects.push(...rejectsSql(operation, operation.step ?? step.name, rows, printing))
    rows = applied(
      operation,
      operation.kind === 'sample' ? '' : (operation.step ?? step.name),
      rows,
      printing,
    )
  }
  if (step.output === 'rejects')
    return rejects.length === 0 ? empty(shape) : withInterval(rejects.join(' UNION ALL '), shape, from)
  if (sameInterval(from.interval, shape.interval) && rows.positions === shape.positions) return rows.sql
  const output = intervalOutput(
    shape.interval,
    from.interval === 'column' ? 'i' : intervalValue(from.interval),
  )
  return `SELECT ${list([...valueColumns(rows.type), ...output, ...numbered('p', shape.positions)])} FROM (${rows.sql})`
}

function rowsOf(from: RecordShape, sql: string): Rows {
  const hasColumn = from.interval === 'column'
  return {
    sql,
    type: from.type!,
    hidden: [...(hasColumn ? ['i'] : []), ...numbered('p', from.positions)],
    positions: from.positions,
    interval: hasColumn ? 'i' : typeof from.interval === 'object' ? intervalValue(from.interval) : undefined,
  }
}

function withInterval(sql: string, shape: RecordShape, from: RecordShape): string {
  const output = intervalOutput(
    shape.interval,
    from.interval === 'column' ? 'i' : intervalValue(from.interval),
  )
  return `SELECT ${list([...valueColumns(shape.type!), ...output])} FROM (${sql})`
}

function applied(operation: Operation, step: string, rows: Rows, printing: Printing): Rows {
  const { sql, type, positions } = rows
  switch (operation.kind) {
    case 'filter':
      return {
        ...rows,
        sql: `SELECT * FROM (${sql}) WHERE ${testSql(operation.lambda, step, rows, printing)}`,
      }
    case 'sample': {
      const seed = printing.parameters.add(operation.seed)
      const parts = numbered('p', positions).map((column) => `${column}::VARCHAR`)
      const text = `concat_ws('/', ${[`${seed}::VARCHAR`, ...parts].join(', ')})`
      return {
        ...rows,
        sql: `SELECT * FROM (${sql}) WHERE md5(${text})[1:13] < '${sampleThreshold(operation.fraction)}'`,
      }
    }
    case 'map':
      return { ...rows, sql: mapSql(operation, step, rows, printing), type: operation.type! }
    case 'flatMap':
      return flatMapped(operation, step, rows, printing)
    case 'extend':
      return { ...rows, sql: extendSql(operation, step, rows, printing), type: operation.type! }
    default:
      operation satisfies never
      return { ...rows, type }
  }
}

/** A call of a function itself for each row. */
function callSql(
  lambda: Lambda,
  gives: Gives,
  step: string,
  role: string,
  rows: Rows,
  { functions }: Printing,
): string {
  return functions.call(
    lambda,
    gives,
    { step, role },
    {
      input: inputOf(rows.type),
      inputType: rows.type,
      ...(rows.interval !== undefined && { interval: rows.interval }),
      position: numbered('p', rows.positions),
    },
  )
}

function testSql(lambda: Lambda, step: string, rows: Rows, printing: Printing): string {
  const call = (): string => callSql(lambda, 'test', step, 'filter', rows, printing)
  if (!lambda.compiled.ok) return call()
  const input = inputOf(rows.type)
  const test = duckdbExpressions.expression(lambda.compiled.body, [input], printing.parameters)
  const guard = guardSql(lambda, input, printing)
  return guard === undefined ? test : `CASE WHEN ${guard} THEN ${test} ELSE ${call()} END`
}

function mapSql({ lambda, type }: MapOperation, step: string, rows: Rows, printing: Printing): string {
  const input = inputOf(rows.type)
  if (isExpression(lambda))
    return `SELECT ${list([...asColumns(bodyFields(lambda, input, printing)), ...rows.hidden])} FROM (${rows.sql})`
  const call = callSql(lambda, 'value', step, 'map', rows, printing)
  const returned = fieldsOf(returnedValue('j', type!), type!)
  if (!lambda.compiled.ok) {
    const called = `SELECT ${list([`${call} AS j`, ...rows.hidden])} FROM (${rows.sql})`
    return `SELECT ${list([...asColumns(returned), ...rows.hidden])} FROM (${called}) WHERE j IS NOT NULL`
  }
  // the expression's columns where the guard holds, what the function returned elsewhere
  const guarded = `SELECT *, ${guardSql(lambda, input, printing)} AS g FROM (${rows.sql})`
  const called = `SELECT *, CASE WHEN NOT g THEN ${call} END AS j FROM (${guarded})`
  const columns = bodyFields(lambda, input, printing).map(
    (value, index) => `CASE WHEN g THEN ${value} ELSE ${returned[index]} END`,
  )
  return `SELECT ${list([...asColumns(columns), ...rows.hidden])} FROM (${called})`
}

/** The fields of what a compiled function returns. */
function bodyFields(lambda: Lambda, input: InputColumns, { parameters }: Printing): readonly string[] {
  const body = bodyOf(lambda)
  const expression = (part: Expression): string =>
    canonicalOf(part, duckdbExpressions.expression(part, [input], parameters))
  if (body.kind === 'struct' && !body.type.nullable) return body.fields.map(({ value }) => expression(value))
  return fieldsOf(expression(body), body.type)
}

function flatMapped({ lambda, type }: FlatMapOperation, step: string, rows: Rows, printing: Printing): Rows {
  const { hidden, positions } = rows
  const { from, items } = itemsSql(lambda, step, rows, printing)
  if (positions === 0) {
    const unnested = `SELECT ${list([`unnest(${items}) AS u`, ...hidden])} FROM (${from})`
    return {
      ...rows,
      sql: `SELECT ${list([...spread('u', type!), ...hidden])} FROM (${unnested})`,
      type: type!,
    }
  }
  const listed = `SELECT ${list([`${items} AS l`, ...hidden])} FROM (${from})`
  const unnested = `SELECT ${list(['unnest(l) AS u', ...hidden, `unnest(range(len(l))) AS p${positions}`])} FROM (${listed})`
  return {
    ...rows,
    sql: `SELECT ${list([...spread('u', type!), ...hidden, `p${positions}`])} FROM (${unnested})`,
    type: type!,
    hidden: [...hidden, `p${positions}`],
    positions: positions + 1,
  }
}

/** The list that a flatMap returns, and the rows it is in; NULL, which has no elements, where its function failed. */
function itemsSql(
  lambda: Lambda,
  step: string,
  rows: Rows,
  printing: Printing,
): { readonly from: string; readonly items: string } {
  const call = (): string => callSql(lambda, 'value', step, 'flatMap', rows, printing)
  const returned = returnedValue('j', lambda.type!)
  if (!lambda.compiled.ok) return { from: `SELECT *, ${call()} AS j FROM (${rows.sql})`, items: returned }
  const input = inputOf(rows.type)
  const { body } = lambda.compiled
  const items = canonical(duckdbExpressions.expression(body, [input], printing.parameters), body.type)
  const guard = guardSql(lambda, input, printing)
  if (guard === undefined) return { from: rows.sql, items }
  return {
    from: `SELECT *, CASE WHEN NOT ${guard} THEN ${call()} END AS j FROM (${rows.sql})`,
    items: `CASE WHEN j IS NULL THEN ${items} ELSE ${returned} END`,
  }
}

/** The record as one value, and what each function returned; without the rows for which one failed. */
function extendSql({ fields }: ExtendOperation, step: string, rows: Rows, printing: Printing): string {
  const called = fields.map(
    ({ role, lambda }, index) => `${callSql(lambda, 'value', step, role, rows, printing)} AS j${index}`,
  )
  const inner = `SELECT ${list([`${packed(rows.type)} AS c0`, ...called, ...rows.hidden])} FROM (${rows.sql})`
  const values = fields.map(
    ({ lambda }, index) => `${returnedValue(`j${index}`, lambda.type!)} AS c${index + 1}`,
  )
  const present = fields.map((_, index) => `j${index} IS NOT NULL`)
  return `SELECT ${list(['c0', ...values, ...rows.hidden])} FROM (${inner}) WHERE ${present.join(' AND ')}`
}

/** The records of an operation for which its function failed. */
function rejectsSql(
  operation: FunctionOperation,
  step: string,
  rows: Rows,
  printing: Printing,
): readonly string[] {
  const position = positionSql(numbered('p', rows.positions))
  return functionsOf(operation).flatMap(({ role, lambda }) => {
    if (lambda.compiled.ok) return []
    const call = callSql(lambda, 'reject', step, role, rows, printing)
    const names = [step, role].map((name) => `${printing.parameters.add(name)}::VARCHAR`)
    const columns = [
      `${names[0]} AS c0`,
      `${names[1]} AS c1`,
      `${rows.interval ?? '0'}::BIGINT AS c2`,
      `${position} AS c3`,
      ...['f0', 'f1', 'f2'].map((field, index) => `struct_extract(j, '${field}') AS c${index + 4}`),
    ]
    const hidden = rows.hidden.length > 0 ? `, ${list(rows.hidden)}` : ''
    const called = `SELECT ${call} AS j${hidden} FROM (${rows.sql})`
    const interval = rows.hidden.includes('i') ? ['i'] : []
    return [`SELECT ${list([...columns, ...interval])} FROM (${called}) WHERE j IS NOT NULL`]
  })
}
