/**
 * The columns of relations: their fixed names, and what goes between shapes and columns (relation-sql.ts).
 */
import type { InputColumns } from '../../expression/print.ts'
import type { IntervalColumn, RecordShape, Shape } from '../../plan/relation.ts'
import type { AggregateStep } from '../../plan/step.ts'
import { structOf, type Type } from '../../schema/type.ts'
import { accumulatorOf } from './aggregate-sql.ts'
import { canonical } from './canonical-sql.ts'
import { castTo, duckdbType } from './expression-sql.ts'

export const list = (columns: readonly string[]): string => columns.join(', ')

export const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

export const where = (conditions: readonly string[]): string =>
  conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''

/** The fields of a record, each a column. */
export const columnTypes = (type: Type): readonly Type[] =>
  type.kind === 'struct' && !type.nullable ? type.fields.map((field) => field.type) : [type]

export const valueColumns = (type: Type): readonly string[] => numbered('c', columnTypes(type).length)

export const inputOf = (type: Type): InputColumns =>
  type.kind === 'struct' && !type.nullable
    ? { kind: 'columns', columns: valueColumns(type) }
    : { kind: 'value', sql: 'c0' }

/** A record's columns as one value. */
export const packed = (type: Type): string =>
  type.kind === 'struct' && !type.nullable
    ? `struct_pack(${list(valueColumns(type).map((column, index) => `f${index} := ${column}`))})`
    : 'c0'

/** One value as a record's columns. */
export const spread = (sql: string, type: Type): readonly string[] => asColumns(fieldsOf(sql, type))

/** The values of a record's columns, from one value. */
export function fieldsOf(sql: string, type: Type): readonly string[] {
  if (type.kind !== 'struct' || type.nullable) return [sql]
  return type.fields.map((_, index) => `struct_extract(${sql}, 'f${index}')`)
}

/** Values under the names of a record's columns. */
export const asColumns = (values: readonly string[]): readonly string[] =>
  values.map((value, index) => `${value} AS c${index}`)

export function castColumns(from: Type, to: Type): readonly string[] {
  if (from.kind !== 'struct' || to.kind !== 'struct') return [`${castTo('c0', from, to)} AS c0`]
  return to.fields.map((field, index) => {
    const place = from.fields.findIndex((other) => other.name === field.name)
    return `${castTo(`c${place}`, from.fields[place]!.type, field.type)} AS c${index}`
  })
}

export const canonicalValues = (type: Type, columns: readonly string[]): readonly string[] =>
  columnTypes(type).map((column, index) => canonical(columns[index]!, column))

export const canonicalColumns = (type: Type): readonly string[] =>
  canonicalValues(type, valueColumns(type)).map((sql, index) => `${sql} AS c${index}`)

/** Types of the key's columns. */
export function keyTypes({ by, type }: AggregateStep): readonly Type[] {
  switch (by.kind) {
    case 'none':
      return []
    case 'record':
      return columnTypes(type!)
    case 'fields':
      return columnTypes(by.type ?? structOf([]))
  }
}

/** Types of the accumulators' columns. */
export const accumulatorTypes = (step: AggregateStep): readonly string[] =>
  step.aggregates.flatMap((aggregate) => accumulatorOf(aggregate).columns)

/** Calls a function for each aggregate with the names of its columns. */
export function eachAggregate(
  step: AggregateStep,
  each: (accumulator: ReturnType<typeof accumulatorOf>, columns: readonly string[]) => readonly string[],
): readonly string[] {
  let next = 0
  return step.aggregates.flatMap((aggregate) => {
    const accumulator = accumulatorOf(aggregate)
    const columns = accumulator.columns.map(() => `a${next++}`)
    return each(accumulator, columns)
  })
}

/** All columns of a shape, in order. */
export function columnsOf(shape: Shape): readonly string[] {
  const interval = shape.interval === 'column' ? ['i'] : []
  if (shape.rows === 'records')
    return [...valueColumns(shape.type!), ...interval, ...numbered('p', shape.positions)]
  return [
    ...numbered('k', keyTypes(shape.step).length),
    ...numbered('a', accumulatorTypes(shape.step).length),
    'r',
    ...interval,
  ]
}

export const beforeInterval = (shape: Shape, columns: readonly string[]): readonly string[] =>
  shape.rows === 'records' ? columns.slice(0, columns.length - shape.positions) : columns

export const afterInterval = (shape: Shape, columns: readonly string[]): readonly string[] =>
  shape.rows === 'records' ? columns.slice(columns.length - shape.positions) : []

export const sameInterval = (a: IntervalColumn, b: IntervalColumn): boolean =>
  (a === 'column') === (b === 'column')

/** The interval column of an output, if it has one. */
export const intervalOutput = (shape: IntervalColumn, sql: string): readonly string[] =>
  shape === 'column' ? [`${sql} AS i`] : []

export const intervalValue = (interval: IntervalColumn): string =>
  typeof interval === 'object' ? `${interval.at}::BIGINT` : '0::BIGINT'

/** A position in a union: the branch, then each branch's columns, those of the others null. */
export function branchPosition(
  branch: number,
  before: number,
  own: number,
  total: number,
): readonly string[] {
  const columns = [`${branch}::BIGINT AS p0`]
  for (let index = 0; index < total; index++)
    columns.push(
      index >= before && index < before + own
        ? `p${index - before} AS p${index + 1}`
        : `NULL AS p${index + 1}`,
    )
  return columns
}

/** A sort key of where a record stands: its interval, then its position. */
export function placeOf({ interval, positions }: RecordShape): string {
  const parts = [interval === 'column' ? 'i' : intervalValue(interval), ...numbered('p', positions)]
  return `create_sort_key(${parts.map((part) => `${part}, 'ASC NULLS LAST'`).join(', ')})`
}

/** A SELECT with the columns of a shape and no rows. */
export function empty(shape: Shape): string {
  const types =
    shape.rows === 'records'
      ? [...columnTypes(shape.type!).map(duckdbType), ...(shape.interval === 'column' ? ['BIGINT'] : [])]
      : [
          ...keyTypes(shape.step).map(duckdbType),
          ...accumulatorTypes(shape.step),
          'BIGINT',
          ...(shape.interval === 'column' ? ['BIGINT'] : []),
        ]
  const columns = columnsOf(shape)
  // positions are left without a type, so that they take the one of what they are united with
  return `SELECT ${list(columns.map((column, index) => `NULL${types[index] ? `::${types[index]}` : ''} AS ${column}`))} WHERE false`
}
