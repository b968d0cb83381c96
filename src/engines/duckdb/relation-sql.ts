/**
 * Relations as DuckDB's SQL.
 *
 * Every relation is printed as one SELECT with fixed column names, in this order:
 *
 *   records        c0, c1, ...   the fields of the row's struct, or the one value
 *                  i             the interval, where the shape has the column
 *                  p0, p1, ...   the position, where the shape has one
 *   accumulators   k0, k1, ...   the fields of the key
 *                  a0, a1, ...   the columns of the aggregates' accumulators, one after the other
 *                  r             how many records are in them
 *                  i             the interval, where the shape has the column
 *
 * Nothing of the user's text is in it: names are numbers, values are parameters.
 */
import type { InputColumns } from '../../expression/print.ts'
import type { BoundAggregate } from '../../plan/aggregate.ts'
import { bodyOf, type Lambda } from '../../plan/lambda.ts'
import type {
  AccumulatorShape,
  Consolidate,
  Finish,
  Merge,
  Ordered,
  Partial,
  RecordShape,
  Relation,
  Shape,
  Union,
} from '../../plan/relation.ts'
import type { AggregateStep, OrderStep } from '../../plan/step.ts'
import type { StructType, Type } from '../../schema/type.ts'
import { accumulatorOf, type Reducing } from './aggregate-sql.ts'
import { canonical } from './canonical-sql.ts'
import {
  accumulatorTypes,
  afterInterval,
  beforeInterval,
  branchPosition,
  canonicalColumns,
  canonicalValues,
  castColumns,
  columnsOf,
  eachAggregate,
  empty,
  fieldsOf,
  inputOf,
  intervalOutput,
  intervalValue,
  keyTypes,
  list,
  numbered,
  packed,
  placeOf,
  valueColumns,
  where,
} from './columns-sql.ts'
import { castTo, duckdbExpressions } from './expression-sql.ts'
import { isExpression, lambdaSql, type Place, type Printing } from './lambda-sql.ts'
import type { Leaves } from './leaves.ts'
import { canonicalOf, selectSql } from './select-sql.ts'

/** Aggregates whose results are values of the records, or made of them by the user. */
const HOLDS_VALUES: ReadonlySet<BoundAggregate['kind']> = new Set(['first', 'last', 'collect', 'reduce'])

export class RelationPrinter {
  readonly #leaves: Leaves
  readonly #printing: Printing

  constructor(leaves: Leaves, printing: Printing) {
    this.#leaves = leaves
    this.#printing = printing
  }

  print(relation: Relation): string {
    switch (relation.kind) {
      case 'blocks':
        return this.#leaves.blocks(relation, this.#printing.parameters)
      case 'read':
        return this.#read(relation)
      case 'state': {
        const table = this.#leaves.state(relation.step)
        return table === undefined
          ? empty(relation.shape)
          : `SELECT ${list(columnsOf(relation.shape))} FROM ${table}`
      }
      case 'select':
        return selectSql(relation, this.print(relation.input), this.#printing)
      case 'union':
        return this.#union(relation)
      case 'partial':
        return this.#partial(relation)
      case 'merge':
        return this.#merge(relation)
      case 'finish':
        return this.#finish(relation)
      case 'order':
        return this.#order(relation)
      case 'consolidate':
        return this.#consolidate(relation)
      default:
        return relation satisfies never
    }
  }

  #read({ series, from, to, shape }: Extract<Relation, { kind: 'read' }>): string {
    const own = columnsOf({ ...shape, interval: 'none' } as Shape)
    const parts = this.#leaves.tables(series, from, to).map((table) => {
      const interval = intervalOutput(shape.interval, table.hasInterval ? 'i' : `${table.from}::BIGINT`)
      const conditions = [
        ...(table.hasInterval && (table.holdsForgotten || table.from < from || table.to > to)
          ? [`i >= ${Math.max(from, table.from)} AND i < ${to}`]
          : []),
        // a key that a fold removed is in its `after` without records
        ...(series.part === 'after' ? ['r > 0'] : []),
      ]
      return `SELECT ${list([...beforeInterval(shape, own), ...interval, ...afterInterval(shape, own)])} FROM ${table.name}${where(conditions)}`
    })
    return parts.length === 0 ? empty(shape) : parts.join(' UNION ALL ')
  }

  // ---- records -------------------------------------------------------------------------------------------------

  #union({ inputs, shape }: Union): string {
    const total = inputs.reduce((sum, input) => sum + (input.shape as RecordShape).positions, 0)
    let before = 0
    const parts = inputs.map((input, branch) => {
      const from = input.shape as RecordShape
      const values = castColumns(from.type!, shape.type!)
      const interval = intervalOutput(
        shape.interval,
        from.interval === 'column' ? 'i' : intervalValue(from.interval),
      )
      const position = shape.positions === 0 ? [] : branchPosition(branch, before, from.positions, total)
      before += from.positions
      return `SELECT ${list([...values, ...interval, ...position])} FROM (${this.print(input)})`
    })
    return parts.join(' UNION ALL ')
  }

  #order({ input, step, byInterval, shape }: Ordered): string {
    const from = input.shape as RecordShape
    const isPerInterval = byInterval && from.interval === 'column'
    const keys = [...(isPerInterval ? ['i'] : []), ...this.#sortKeys(step, from.type!)].join(', ')
    const columns = list(columnsOf(shape))
    if (step.limit === undefined) return `SELECT ${columns} FROM (${this.print(input)}) ORDER BY ${keys}`
    if (!isPerInterval)
      return `SELECT ${columns} FROM (${this.print(input)}) ORDER BY ${keys} LIMIT ${step.limit}`
    const rank = `row_number() OVER (PARTITION BY i ORDER BY ${keys}) AS rank`
    return `SELECT ${columns} FROM (SELECT *, ${rank} FROM (${this.print(input)})) WHERE rank <= ${step.limit} ORDER BY i, rank`
  }

  /** Orders, then all fields: what a sort and its ties go by. */
  #sortKeys({ name, orders }: OrderStep, type: Type): readonly string[] {
    return [
      ...orders.map(({ direction, value }) => {
        const place = { step: name, role: direction, inputType: type }
        const sql = lambdaSql(value, inputOf(type), place, this.#printing)
        return `${sql} ${direction.toUpperCase()} NULLS LAST`
      }),
      ...valueColumns(type).map((column) => `${column} ASC NULLS LAST`),
    ]
  }

  #consolidate({ plus, minus, key, shape }: Consolidate): string {
    const type = (plus.shape as RecordShape).type!
    const values = valueColumns(type)
    const signed = (relation: Relation, sign: number): string =>
      `SELECT ${list([...canonicalColumns(type), `${sign} AS sign`])} FROM (${this.print(relation)})`
    const both = minus ? `${signed(plus, 1)} UNION ALL ${signed(minus, -1)}` : signed(plus, 1)
    const counted = `SELECT ${list(values)}, sum(sign)::BIGINT AS n FROM (${both}) GROUP BY ${list(values)} HAVING sum(sign) <> 0`
    // the changed row begins with the column op, so each value moves up by one
    const moved = values.map((column, index) => `${column} AS c${index + 1}`)
    const op = `CASE WHEN n > 0 THEN 'upsert' ELSE 'delete' END AS c0`
    const columns = list(columnsOf({ ...shape, interval: 'none', positions: 0 }))
    if (!key)
      return `SELECT ${columns} FROM (SELECT ${list([op, ...moved])}, unnest(range(abs(n))) FROM (${counted}))`
    const keys = key.map(
      (name) => `c${type.kind === 'struct' ? type.fields.findIndex((field) => field.name === name) : 0}`,
    )
    // a table of one row; not by row_number, which DuckDB 1.5 turns into an aggregate that has a row for no rows
    if (keys.length === 0) return `SELECT ${list([op, ...moved])} FROM (${counted}) ORDER BY n DESC LIMIT 1`
    const newest = `SELECT *, row_number() OVER (PARTITION BY ${list(keys)} ORDER BY n DESC) AS rank FROM (${counted})`
    return `SELECT ${list([op, ...moved])} FROM (${newest}) WHERE rank = 1`
  }

  // ---- accumulators --------------------------------------------------------------------------------------------

  #partial({ input, shape }: Partial): string {
    const from = input.shape as RecordShape
    const { step } = shape
    const keys = this.#keyExpressions(step, from.type!)
    const isPerInterval = shape.interval === 'column'
    const hasPlace = step.aggregates.some((aggregate) => aggregate.ordered)
    const inner = [
      ...keys.map((key, index) => `${key} AS k${index}`),
      ...this.#aggregateInputs(step, from.type!),
      ...(isPerInterval ? ['i'] : []),
      ...(hasPlace ? [`${placeOf(from)} AS o`] : []),
    ]
    const accumulators = step.aggregates.flatMap((aggregate, index) =>
      accumulatorOf(aggregate).partial(`v${index}`, 'o', `o${index}`, this.#reducing(step)),
    )
    const groups = [...numbered('k', keys.length), ...(isPerInterval ? ['i'] : [])]
    const columns = [
      ...numbered('k', keys.length),
      ...accumulators.map((sql, index) => `${sql} AS a${index}`),
      'count(*) AS r',
      ...(isPerInterval ? ['i'] : []),
    ]
    // without groups SQL gives a row for no records; no records, no row
    const grouping = groups.length > 0 ? ` GROUP BY ${list(groups)}` : ' HAVING count(*) > 0'
    return `SELECT ${list(columns)} FROM (SELECT ${list(inner.length > 0 ? inner : ['1 AS one'])} FROM (${this.print(input)}))${grouping}`
  }

  #reducing({ name }: AggregateStep): Reducing {
    return { ...this.#printing, step: name }
  }

  #keyExpressions({ by, name }: AggregateStep, type: Type): readonly string[] {
    switch (by.kind) {
      case 'none':
        return []
      case 'record':
        return canonicalValues(type, valueColumns(type))
      case 'fields': {
        const input = inputOf(type)
        const body = isExpression(by.lambda) ? bodyOf(by.lambda) : undefined
        if (body?.kind === 'struct')
          return body.fields.map(({ value }) =>
            canonical(duckdbExpressions.expression(value, [input], this.#printing.parameters), value.type),
          )
        const place = { step: name, role: 'groupBy', inputType: type }
        const key = lambdaSql(by.lambda, input, place, this.#printing)
        return fieldsOf(key, by.type!).map((field, index) =>
          canonical(field, (by.type as StructType).fields[index]!.type),
        )
      }
    }
  }

  /** For each aggregate its value `v` and, of topK, its sort key `o`. */
  #aggregateInputs(step: AggregateStep, type: Type): readonly string[] {
    const groupSql =
      step.value &&
      this.#canonicalValue(step.value, inputOf(type), { step: step.name, role: 'value', inputType: type })
    const input: InputColumns = groupSql === undefined ? inputOf(type) : { kind: 'value', sql: groupSql }
    const record = groupSql ?? packed(type)
    const inputType = step.value ? step.value.type! : type
    return step.aggregates.flatMap((aggregate, index) => {
      const { ofRecord } = aggregate
      const place = {
        step: step.name,
        role: `${aggregate.name}: ${aggregate.kind}`,
        inputType: ofRecord ? type : inputType,
      }
      const orders = aggregate.orders.map(
        ({ direction, value }) =>
          `${lambdaSql(value, input, place, this.#printing)}, '${direction.toUpperCase()} NULLS LAST'`,
      )
      const ties = (groupSql === undefined ? valueColumns(type) : [groupSql]).map(
        (column) => `${column}, 'ASC NULLS LAST'`,
      )
      const order =
        orders.length === 0 ? [] : [`create_sort_key(${[...orders, ...ties].join(', ')}) AS o${index}`]
      if (aggregate.kind === 'count' && !aggregate.value) return order
      const own = aggregate.value ? aggregate.value.type! : inputType
      const value = !aggregate.value
        ? record
        : HOLDS_VALUES.has(aggregate.kind)
          ? this.#canonicalValue(aggregate.value, ofRecord ? inputOf(type) : input, place)
          : lambdaSql(aggregate.value, ofRecord ? inputOf(type) : input, place, this.#printing)
      return [
        `${aggregate.valueType ? castTo(value, own, aggregate.valueType) : value} AS v${index}`,
        ...order,
      ]
    })
  }

  /** The canonical value of a function; what it passes on is canonical already. */
  #canonicalValue(lambda: Lambda, input: InputColumns, place: Place): string {
    const sql = lambdaSql(lambda, input, place, this.#printing)
    return lambda.compiled.ok ? canonicalOf(lambda.compiled.body, sql) : sql
  }

  #merge({ plus, minus, shape }: Merge): string {
    return this.merged(shape.step, [], plus, minus, undefined)
  }

  /** Accumulators put together by key: SELECTs of their rows, relations added, relations subtracted. */
  merged(
    step: AggregateStep,
    selects: readonly string[],
    plus: readonly Relation[],
    minus: readonly Relation[],
    having: string | undefined,
  ): string {
    const columns = [
      ...numbered('k', keyTypes(step).length),
      ...numbered('a', accumulatorTypes(step).length),
      'r',
    ]
    const negated = (): readonly string[] => [
      ...numbered('k', keyTypes(step).length),
      ...this.#negated(step),
      '-r AS r',
    ]
    const added = plus.map((input) => `SELECT ${list(columns)} FROM (${this.print(input)})`)
    const removed = minus.map((input) => `SELECT ${list(negated())} FROM (${this.print(input)})`)
    return this.mergeRows(step, [...selects, ...added, ...removed].join(' UNION ALL '), having)
  }

  /** Accumulator rows of one SELECT put together by key; `having` drops groups. */
  mergeRows(step: AggregateStep, input: string, having: string | undefined): string {
    const keys = numbered('k', keyTypes(step).length)
    const conditions = [...(keys.length === 0 ? ['count(*) > 0'] : []), ...(having ? [having] : [])]
    const merged = eachAggregate(step, (accumulator, columns) =>
      accumulator.merge(columns, this.#reducing(step)),
    )
    const columns = [...keys, ...merged.map((sql, index) => `${sql} AS a${index}`), 'sum(r)::BIGINT AS r']
    const grouping = keys.length > 0 ? ` GROUP BY ${list(keys)}` : ''
    return `SELECT ${list(columns)} FROM (${input})${grouping}${conditions.length > 0 ? ` HAVING ${conditions.join(' AND ')}` : ''}`
  }

  #negated(step: AggregateStep): readonly string[] {
    return eachAggregate(step, (accumulator, columns) => accumulator.negate(columns)).map(
      (sql, index) => `${sql} AS a${index}`,
    )
  }

  #finish({ input, shape }: Finish): string {
    const from = input.shape as AccumulatorShape
    const { step } = from
    const keys = step.shape === 'result' ? [] : numbered('k', keyTypes(step).length)
    const results = eachAggregate(step, (accumulator, columns) => [accumulator.finish(columns)])
    const values = [...keys, ...results].map((sql, index) => `${sql} AS c${index}`)
    const interval = intervalOutput(
      shape.interval,
      from.interval === 'column' ? 'i' : intervalValue(from.interval),
    )
    return `SELECT ${list([...values, ...interval])} FROM (${this.print(input)})`
  }
}
