/**
 * The accumulators of aggregates as columns, with the meaning of plan/algebra.ts.
 *
 * Each aggregate has a few columns; `partial` makes them from the records of a group, `merge` puts groups of
 * accumulators together, `negate` turns an addition into a subtraction, `finish` is the result.
 */

import type { BoundAggregate } from '../../plan/aggregate.ts'
import { squareScale } from '../../plan/algebra.ts'
import { bodyOf } from '../../plan/lambda.ts'
import { canonical } from './canonical-sql.ts'
import { castTo, duckdbExpressions, duckdbType } from './expression-sql.ts'
import { isExpression, type Printing } from './lambda-sql.ts'

/** What printing a reducer needs: where it stands, and how functions are called. */
export interface Reducing extends Printing {
  readonly step: string
}

export interface AccumulatorSql {
  /** Types of the columns. */
  readonly columns: readonly string[]
  /**
   * Aggregate expressions over the records of a group.
   * @param value the value of a record, of the aggregate's value type
   * @param place a sort key of the record's interval and position
   * @param order for topK: a sort key of the record
   */
  partial(value: string, place: string, order: string, reducing: Reducing): readonly string[]
  /** Aggregate expressions over accumulators. */
  merge(columns: readonly string[], reducing: Reducing): readonly string[]
  /** The columns negated; only of invertible aggregates. */
  negate(columns: readonly string[]): readonly string[]
  /** The result; the number of records of the group is in the column `r`. */
  finish(columns: readonly string[]): string
}

/** The accumulator of an aggregate whose lambdas are compiled and whose value type is known. */
export function accumulatorOf(aggregate: BoundAggregate): AccumulatorSql {
  const { kind, valueType } = aggregate
  const type = valueType ? duckdbType(valueType) : 'VARCHAR'
  switch (kind) {
    case 'count':
      // the number of records of a group is there anyway
      if (!aggregate.value)
        return { columns: [], partial: () => [], merge: () => [], negate: () => [], finish: () => 'r' }
      return {
        columns: ['BIGINT'],
        partial: (value) => [`count(*) FILTER (WHERE ${value})`],
        merge: ([n]) => [`sum(${n})::BIGINT`],
        negate: ([n]) => [`-${n}`],
        finish: ([n]) => n!,
      }
    case 'sum':
      return sumOf(aggregate, ([total]) => total!)
    case 'mean':
      return sumOf(aggregate, ([total, values]) => `CASE WHEN ${values} > 0 THEN ${total} / ${values} END`)
    case 'variance':
      return varianceOf(aggregate)
    case 'min':
    case 'max':
      return {
        columns: [type],
        partial: (value) => [`${kind}(${canonical(value, valueType!)})`],
        merge: ([v]) => [`${kind}(${v})`],
        negate: notInvertible,
        finish: ([v]) => v!,
      }
    case 'first':
    case 'last':
      return placedOf(kind, type)
    case 'collect':
    case 'countDistinct':
    case 'topK':
      return listOf(aggregate, kind, type)
    case 'reduce':
      return reduceOf(aggregate, type)
    default:
      return kind satisfies never
  }
}

/** The value of the first or last record, with its place. */
function placedOf(kind: 'first' | 'last', type: string): AccumulatorSql {
  const [pick, bound] = kind === 'first' ? ['arg_min', 'min'] : ['arg_max', 'max']
  return {
    // wrapped, because arg_min passes over values that are null
    columns: [`STRUCT(f0 ${type})`, 'BLOB'],
    partial: (value, place) => [`${pick}(struct_pack(f0 := ${value}), ${place})`, `${bound}(${place})`],
    merge: ([v, o]) => [`${pick}(${v}, ${o})`, `${bound}(${o})`],
    negate: notInvertible,
    finish: ([v]) => `struct_extract(${v}, 'f0')`,
  }
}

/** Accumulators that are lists of values. */
function listOf(
  aggregate: BoundAggregate,
  kind: 'collect' | 'countDistinct' | 'topK',
  type: string,
): AccumulatorSql {
  const { valueType } = aggregate
  switch (kind) {
    case 'collect':
      return {
        columns: [`STRUCT(o BLOB, v ${type})[]`],
        partial: (value, place) => [`list(struct_pack(o := ${place}, v := ${value}))`],
        merge: ([l]) => [`flatten(list(${l}))`],
        negate: notInvertible,
        finish: ([l]) => `list_transform(list_sort(${l}), lambda x: struct_extract(x, 'v'))`,
      }
    case 'countDistinct':
      return {
        columns: [`${type}[]`],
        partial: (value) => [
          `coalesce(list(DISTINCT ${canonical(value, valueType!)}) FILTER (WHERE ${value} IS NOT NULL), [])`,
        ],
        merge: ([l]) => [`list_distinct(flatten(list(${l})))`],
        negate: notInvertible,
        finish: ([l]) => `len(${l})`,
      }
    case 'topK':
      return {
        columns: [`STRUCT(o BLOB, v ${type})[]`],
        partial: (value, _place, order) => [
          `list_sort(list(struct_pack(o := ${order}, v := ${value})))[1:${aggregate.k}]`,
        ],
        merge: ([l]) => [`list_sort(flatten(list(${l})))[1:${aggregate.k}]`],
        negate: notInvertible,
        finish: ([l]) => `list_transform(${l}, lambda x: struct_extract(x, 'v'))`,
      }
  }
}

const notInvertible = (): never => {
  throw new Error('this aggregate has no subtract')
}

/**
 * The fold in the order of places, of an interval's values and then of intervals' results. Folded in a list lambda, so
 * that it is one pass from the left as in JavaScript.
 */
function reduceOf(aggregate: BoundAggregate, type: string): AccumulatorSql {
  const { merge, valueType } = aggregate
  const fold = (list: string, { step, ...printing }: Reducing): string => {
    if (!isExpression(merge!)) {
      const place = { step, role: `${aggregate.name}: reduce` }
      return printing.functions.reduce(merge!, place, list, valueType!)
    }
    const inputs = [
      { kind: 'value', sql: 'ds_a' },
      { kind: 'value', sql: 'ds_b' },
    ] as const
    const tree = bodyOf(merge!)
    const body = castTo(
      duckdbExpressions.expression(tree, inputs, printing.parameters),
      tree.type,
      valueType!,
    )
    return `list_reduce(${list}, lambda ds_a, ds_b: ${body})`
  }
  return {
    columns: [type, 'BLOB'],
    partial: (value, place, _order, reducing) => [
      fold(`list(${value} ORDER BY ${place})`, reducing),
      `min(${place})`,
    ],
    merge: ([v, o], reducing) => [fold(`list(${v} ORDER BY ${o})`, reducing), `min(${o})`],
    negate: notInvertible,
    finish: ([v]) => canonical(v!, aggregate.valueType!),
  }
}

/** Sum and number of values; `finish` gets both, the sum as a DOUBLE. */
function sumOf(aggregate: BoundAggregate, finish: (columns: readonly string[]) => string): AccumulatorSql {
  const limbs = limbsOf(aggregate.valueType?.kind === 'number', aggregate.scale)
  const count = limbs.columns.length
  return {
    columns: [...limbs.columns, 'BIGINT'],
    partial: (value) => [...limbs.partial(value), `count(${value})`],
    merge: (columns) => [...limbs.merge(columns.slice(0, count)), `sum(${columns[count]})::BIGINT`],
    negate: (columns) => columns.map((column) => `-${column}`),
    finish: (columns) => finish([limbs.result(columns.slice(0, count)), columns[count]!]),
  }
}

function varianceOf(aggregate: BoundAggregate): AccumulatorSql {
  const plain = limbsOf(aggregate.valueType?.kind === 'number', aggregate.scale)
  // the square of an integer can be out of range of an integer: it is summed as a number
  const squares = limbsOf(true, squareScale(aggregate.scale))
  const [a, b] = [plain.columns.length, plain.columns.length + squares.columns.length]
  return {
    columns: [...plain.columns, ...squares.columns, 'BIGINT'],
    partial: (value) => {
      const double = `CAST(${value} AS DOUBLE)`
      return [...plain.partial(value), ...squares.partial(`(${double} * ${double})`), `count(${value})`]
    },
    merge: (columns) => [
      ...plain.merge(columns.slice(0, a)),
      ...squares.merge(columns.slice(a, b)),
      `sum(${columns[b]})::BIGINT`,
    ],
    negate: (columns) => columns.map((column) => `-${column}`),
    finish: (columns) => {
      const values = columns[b]!
      const mean = `(${plain.result(columns.slice(0, a))} / ${values})`
      const variance = `(${squares.result(columns.slice(a, b))} / ${values} - ${mean} * ${mean})`
      return `CASE WHEN ${values} > 0 THEN CASE WHEN ${variance} < 0 THEN 0 ELSE ${variance} END END`
    },
  }
}

interface Limbs {
  readonly columns: readonly string[]
  partial(value: string): readonly string[]
  merge(columns: readonly string[]): readonly string[]
  /** The double that the limbs stand for: schema/exact-sum.ts, step by step. */
  result(columns: readonly string[]): string
}

const LIMIT = '9223372036854775808::DOUBLE'
const LIMB = '1152921504606846976'
const MASK = '1152921504606846975'
const SHORT = '4611686018427387904'
const SPLIT = '1099511627776'

function limbsOf(isNumber: boolean, scale: number): Limbs {
  if (!isNumber)
    return {
      columns: ['HUGEINT'],
      partial: (value) => [`coalesce(sum(${value}), 0)::HUGEINT`],
      merge: ([h]) => [`sum(${h})`],
      result: ([h]) => doubleOf(h!, '0', 60),
    }
  return {
    columns: ['HUGEINT', 'HUGEINT', 'HUGEINT'],
    partial: (value) => {
      const y = scale === 60 ? value : `(${value} * ${powerOfTwo(scale - 60)})`
      const fits = `abs(${y}) < ${LIMIT}`
      const hi = `CASE WHEN ${fits} THEN trunc(${y})::BIGINT ELSE 0 END`
      const lo = `CASE WHEN ${fits} THEN trunc((${y} - trunc(${y})) * ${LIMB}::DOUBLE)::BIGINT ELSE 0 END`
      const odd = `CASE WHEN ${value} IS NULL OR ${value} = 0 OR (${hi}) <> 0 OR (${lo}) <> 0 THEN 0 WHEN ${value} = 'inf'::DOUBLE THEN 2147483648 WHEN ${value} = '-inf'::DOUBLE THEN 4611686018427387904 ELSE 1 END`
      return [hi, lo, odd].map((limb) => `coalesce(sum(${limb}), 0)::HUGEINT`)
    },
    merge: (columns) => columns.map((column) => `sum(${column})`),
    result: ([h, l, d]) => {
      const odd = `CASE WHEN (${d} & 2147483647) > 0 OR ((${d} >> 31) & 2147483647) > 0 AND (${d} >> 62) > 0 THEN 'nan'::DOUBLE WHEN ((${d} >> 31) & 2147483647) > 0 THEN 'inf'::DOUBLE ELSE '-inf'::DOUBLE END`
      return `CASE WHEN ${d} <> 0 THEN ${odd} ELSE ${doubleOf(h!, l!, scale)} END`
    },
  }
}

/**
 * `resultOf` of schema/exact-sum.ts: the limbs with one sign, added as doubles in the same order. The carry is taken by
 * shift and mask, and sums that fit 64 bits are computed in them: division of 128 bits is ten times slower.
 */
function doubleOf(high: string, low: string, scale: number): string {
  const whole = low === '0' ? high : `(${high} + (${low} >> 60))`
  const rest = low === '0' ? '0' : `CAST(${low} & ${MASK} AS BIGINT)`
  const parts = (w: string, r: string): string =>
    `(CAST(CAST(${w} // ${SPLIT} AS BIGINT) AS DOUBLE) * ${SPLIT}::DOUBLE + (CAST(CAST(${w} % ${SPLIT} AS BIGINT) AS DOUBLE) + CAST(${r} AS DOUBLE) / ${LIMB}::DOUBLE))`
  const signed = (w: string): string =>
    low === '0'
      ? parts(w, '0')
      : `CASE WHEN ${w} < 0 AND ${rest} > 0 THEN ${parts(`(${w} + 1)`, `(${rest} - ${LIMB})`)} ELSE ${parts(w, rest)} END`
  const short = signed(`CAST(${whole} AS BIGINT)`)
  const sum = `CASE WHEN ${whole} BETWEEN -${SHORT} AND ${SHORT} THEN ${short} ELSE ${signed(whole)} END`
  return scale === 60 ? `(${sum})` : `((${sum}) * ${powerOfTwo(60 - scale)})`
}

/** A power of two as an exact DOUBLE literal. */
const powerOfTwo = (exponent: number): string => `'${2 ** exponent}'::DOUBLE`
