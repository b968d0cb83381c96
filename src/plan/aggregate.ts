/**
 * Aggregates, declared with their algebra.
 *
 * An aggregate is `zero, add, merge`, and `subtract` where its values form a group; a windowed or running aggregate
 * is computed from partial accumulators, never from the records again, and by subtracting what leaves the window
 * where the algebra has `subtract` (DS-20, DS-21). The algebra in JavaScript is in algebra.ts; engines that compute in
 * SQL print the same accumulators as columns.
 */

import { DstreamsError } from '../errors.ts'
import { isSum, type Outer } from '../expression/compile.ts'
import { SUM_SCALE } from '../schema/exact-sum.ts'
import { INTEGER, isNumeric, join, listOf, nullable, numberOf, type Type } from '../schema/type.ts'
import { type FunctionOptions, readOptions } from './function-options.ts'
import { type BindOptions, bind, type Lambda } from './lambda.ts'
import { type BoundOrder, bindOrders, type Order } from './order.ts'

export type AggregateKind =
  | 'count'
  | 'sum'
  | 'mean'
  | 'variance'
  | 'min'
  | 'max'
  | 'first'
  | 'last'
  | 'collect'
  | 'countDistinct'
  | 'topK'
  | 'reduce'

/**
 * An aggregate of records `T` with result `R`, as users make it with `count()`, `sum(f)` and so on.
 * Frozen data: nothing is computed until a plan uses it.
 */
export interface Aggregate<in T, out R> {
  readonly kind: AggregateKind
  /** What is aggregated of each record; absent where it is the record itself. */
  readonly value?: (record: T) => unknown
  readonly orders?: readonly Order<T>[]
  readonly k?: number
  readonly scale?: number
  readonly merge?: (a: any, b: any) => unknown
  /** What was passed beside its function. */
  readonly options?: FunctionOptions
  /** Never set; carries `R` for inference. */
  readonly result?: R
}

/** An aggregate bound to the type of its records. */
export interface BoundAggregate {
  /** Field of the result. */
  readonly name: string
  readonly kind: AggregateKind
  readonly value: Lambda | undefined
  /** Whether its value is made of the record, and not of what the group takes of each record. */
  readonly ofRecord: boolean
  /** The type of what is aggregated; of a reducer's two sides. */
  readonly valueType: Type | undefined
  readonly orders: readonly BoundOrder[]
  readonly k: number
  readonly scale: number
  readonly merge: Lambda | undefined
  readonly result: Type | undefined
  /** Whether it depends on the order of the records, so that positions are needed. */
  readonly ordered: boolean
  /** Whether what was added can be subtracted again. */
  readonly invertible: boolean
}

/** Options of aggregates that sum. */
export interface SumOptions extends FunctionOptions {
  /** How many bits of a sum are behind the binary point. */
  readonly scale?: number
}

const ORDERED: ReadonlySet<AggregateKind> = new Set(['first', 'last', 'collect', 'reduce'])
const INVERTIBLE: ReadonlySet<AggregateKind> = new Set(['count', 'sum', 'mean', 'variance'])
const NUMERIC: ReadonlySet<AggregateKind> = new Set(['sum', 'mean', 'variance'])

/** Binds an aggregate to the records' type. `where` names the step and field, for errors. */
export function bindAggregate(
  name: string,
  aggregate: Aggregate<any, unknown>,
  type: Type | undefined,
  where: string,
  outer?: Outer,
): BoundAggregate {
  const value = aggregate.value && bind(aggregate.value, [type], { ...optionsOf(aggregate, where), outer })
  const ownType = value ? value.type : type
  const merge = aggregate.merge && bindReducer(aggregate.merge, ownType, { where, outer })
  const reduced = merge?.type
  const valueType = reduced && ownType ? join(ownType, reduced) : ownType
  // a reducer that is a sum of numbers is the exact sum, on every engine (DESIGN section 3, Numbers)
  const kind = aggregate.kind === 'reduce' && merge && isSum(merge.compiled) ? 'sum' : aggregate.kind
  if (NUMERIC.has(kind) && valueType && !isNumeric(valueType))
    throw new DstreamsError('DS_JOB', {
      what: `${where}: ${kind} of values of type ${valueType.kind}.`,
      cure: `${kind} takes numbers: return a number from its function.`,
    })
  return Object.freeze({
    name,
    kind,
    value,
    ofRecord: false,
    valueType,
    orders: bindOrders(aggregate.orders ?? [], type, where, outer),
    k: aggregate.k ?? 0,
    scale: aggregate.scale ?? SUM_SCALE,
    merge: kind === 'reduce' ? merge : undefined,
    result: resultOfKind(kind, valueType),
    ordered: ORDERED.has(kind),
    invertible: INVERTIBLE.has(kind),
  })
}

/** How the function of an aggregate is bound. What sums and counts take of each record need not be declared. */
function optionsOf({ kind, options }: Aggregate<any, unknown>, where: string): BindOptions {
  const given = readOptions(options, where)
  if (kind === 'count') return { ...given, purpose: 'test' }
  const returns = given.returns ?? (NUMERIC.has(kind) ? nullable(numberOf('any')) : undefined)
  return { ...given, returns }
}

/** A reducer's two sides have the type of its result: `(a, b) => a + b` on integers is a reducer of numbers. */
function bindReducer(
  merge: (a: any, b: any) => unknown,
  type: Type | undefined,
  options: BindOptions,
): Lambda {
  const lambda = bind(merge, [type, type], { ...options, returns: type })
  const result = lambda.type
  const widened = type && result && join(type, result)
  return widened ? bind(merge, [widened, widened], { ...options, returns: widened }) : lambda
}

function resultOfKind(kind: AggregateKind, type: Type | undefined): Type | undefined {
  switch (kind) {
    case 'count':
    case 'countDistinct':
      return INTEGER
    case 'sum':
      // a sum of integers may be no safe integer any more: it is the nearest double
      return type && numberOf(rangeAfterSum(type))
    case 'mean':
    case 'variance':
      return type && (type.nullable ? nullable(numberOf(rangeAfterSum(type))) : numberOf(rangeAfterSum(type)))
    case 'collect':
    case 'topK':
      return type && listOf(type)
    default:
      return type
  }
}

// a sum of finite numbers that the scale can't hold is NaN, so only integers stay finite
const rangeAfterSum = (type: Type): 'finite' | 'any' => (type.kind === 'number' ? 'any' : 'finite')

const given = (options: FunctionOptions | undefined): { options?: FunctionOptions } =>
  options ? { options } : {}

const freeze = <T, R>(aggregate: Aggregate<T, R>): Aggregate<T, R> => Object.freeze(aggregate)

/**
 * The number of records, or of those for which `where` is true.
 * @example .aggregate({ all: count(), slow: count(e => e.ms > 500) })
 */
export const count = <T>(where?: (record: T) => unknown, options?: FunctionOptions): Aggregate<T, number> =>
  freeze(where ? { kind: 'count', value: where, ...given(options) } : { kind: 'count' })

/**
 * The exact sum of numbers: the same bits in any order and on every engine; subtraction in windows undoes addition
 * exactly. Null is left out; the sum of nothing is 0. A value of 2^63 or more, or below 2^-60, makes the sum NaN while
 * it is inside; `scale` moves both limits (values below 2^(123 - scale), resolution 2^-scale).
 * @example .aggregate({ total: sum(e => e.price) })
 */
export const sum = <T>(value: (record: T) => number | null, options: SumOptions = {}): Aggregate<T, number> =>
  freeze({ kind: 'sum', value, ...sumOptions(options, 'sum') })

/**
 * The mean: the exact sum divided by the number of values. Null is left out; without values the mean is null.
 * @example .aggregate({ mean: mean(e => e.ms) })
 */
export const mean = <T, N extends number | null>(
  value: (record: T) => N,
  options: SumOptions = {},
): Aggregate<T, N extends null ? number | null : number> =>
  freeze({ kind: 'mean', value, ...sumOptions(options, 'mean') })

/**
 * The population variance, from the exact sums of the values and of their squares. Null is left out; without values
 * the variance is null.
 */
export const variance = <T, N extends number | null>(
  value: (record: T) => N,
  options: SumOptions = {},
): Aggregate<T, N extends null ? number | null : number> =>
  freeze({ kind: 'variance', value, ...sumOptions(options, 'variance') })

/** The least value: numbers with NaN above all, strings by code point, false before true. Null is left out. */
export const min = <T, V extends string | number | boolean | null>(
  value: (record: T) => V,
  options?: FunctionOptions,
): Aggregate<T, V> => freeze({ kind: 'min', value, ...given(options) })

/** The greatest value; the order is that of `min`. */
export const max = <T, V extends string | number | boolean | null>(
  value: (record: T) => V,
  options?: FunctionOptions,
): Aggregate<T, V> => freeze({ kind: 'max', value, ...given(options) })

/** The value of the first record: by interval, then by position. */
export const first = <T, V>(value: (record: T) => V, options?: FunctionOptions): Aggregate<T, V> =>
  freeze({ kind: 'first', value, ...given(options) })

/** The value of the last record: by interval, then by position. */
export const last = <T, V>(value: (record: T) => V, options?: FunctionOptions): Aggregate<T, V> =>
  freeze({ kind: 'last', value, ...given(options) })

/** All values as a list, in the order of the records: by interval, then by position. */
export const collect = <T, V>(value: (record: T) => V, options?: FunctionOptions): Aggregate<T, V[]> =>
  freeze({ kind: 'collect', value, ...given(options) })

/** The exact number of different values. Null is left out. */
export const countDistinct = <T>(
  value: (record: T) => unknown,
  options?: FunctionOptions,
): Aggregate<T, number> => freeze({ kind: 'countDistinct', value, ...given(options) })

/**
 * The first `k` records by `order`, as a list; ties are broken by all fields, ascending.
 * @example .aggregate({ dearest: topK(3, desc(e => e.price)) })
 */
export function topK<T>(k: number, ...orders: readonly [Order<T>, ...Order<T>[]]): Aggregate<T, T[]> {
  if (!Number.isSafeInteger(k) || k < 1)
    throw new DstreamsError('DS_JOB', {
      what: `topK takes ${k} records.`,
      cure: 'Give a whole number from 1.',
    })
  return freeze({ kind: 'topK', orders, k })
}

function sumOptions(
  { scale, ...options }: SumOptions,
  kind: string,
): { scale?: number; options: FunctionOptions } {
  if (scale === undefined) return { options }
  if (!Number.isSafeInteger(scale) || scale < -500 || scale > 500)
    throw new DstreamsError('DS_JOB', {
      what: `The scale of ${kind} is ${scale}.`,
      cure: 'Give a whole number of bits from -500 to 500.',
    })
  return { scale, options }
}
