/**
 * What a statement computes: a closed union of relations.
 *
 * A relation is a bag of rows of one of two shapes:
 * - *records*: a row of some type, and where needed its interval and its position;
 * - *accumulators*: for one aggregate step, a key and the accumulators of its aggregates, maybe per interval.
 *
 * Relations are data, made from the plan and the numbers of a run by statements.ts. An engine evaluates them or prints
 * them; it never sees an operator of the API.
 */
import type { Type } from '../schema/type.ts'
import type { AggregateStep, OrderStep, SelectStep } from './step.ts'

export type Relation =
  | Blocks
  | Read
  | StateContent
  | Select
  | Union
  | Partial
  | Merge
  | Finish
  | Ordered
  | Consolidate

/** A named series of datasets of one step. */
export interface Series {
  readonly step: number
  /**
   * - `rows`: the step's datasets
   * - `partial`: an aggregate's accumulators per interval and key
   * - `content`: a table's content, where it is needed twice
   * - `before`, `after`: the accumulators of the keys that a fold touched, before and after it
   */
  readonly part: 'rows' | 'partial' | 'content' | 'before' | 'after'
}

/** How the rows of a relation look. */
export type Shape = RecordShape | AccumulatorShape
export interface RecordShape {
  readonly rows: 'records'
  readonly type: Type | undefined
  readonly interval: IntervalColumn
  /** Number of hidden position columns; 0 where no later step needs them. */
  readonly positions: number
}
export interface AccumulatorShape {
  readonly rows: 'accumulators'
  readonly step: AggregateStep
  readonly interval: IntervalColumn
}
/** Rows of many intervals carry a hidden column; rows of one interval all have that one; a table's content has none. */
export type IntervalColumn = 'column' | 'none' | { readonly at: number }

/** The records (or rejects) in the blocks of intervals `[from, to)` of a source. */
export interface Blocks {
  readonly kind: 'blocks'
  readonly source: number
  readonly output: 'records' | 'rejects'
  readonly from: number
  readonly to: number
  readonly shape: RecordShape
}
/** Materialised datasets of intervals `[from, to)`; those that were never made are empty. */
export interface Read {
  readonly kind: 'read'
  readonly series: Series
  readonly from: number
  readonly to: number
  readonly shape: Shape
}
/** The content of a state as it is now: accumulators, or the rows of a bag. */
export interface StateContent {
  readonly kind: 'state'
  readonly step: number
  readonly shape: Shape
}
/** Fused map, filter, flatMap and sample. */
export interface Select {
  readonly kind: 'select'
  readonly input: Relation
  readonly step: SelectStep
  readonly shape: RecordShape
}
/** All rows of all inputs. */
export interface Union {
  readonly kind: 'union'
  readonly inputs: readonly Relation[]
  readonly shape: RecordShape
}
/** Records to accumulators, per key, and per interval where the shape has one. */
export interface Partial {
  readonly kind: 'partial'
  readonly input: Relation
  readonly shape: AccumulatorShape
}
/** Accumulators of the same key put together, across intervals; those of `minus` are subtracted. */
export interface Merge {
  readonly kind: 'merge'
  readonly plus: readonly Relation[]
  readonly minus: readonly Relation[]
  readonly shape: AccumulatorShape
}
/** Accumulators to the rows of the aggregate step. */
export interface Finish {
  readonly kind: 'finish'
  readonly input: Relation
  readonly shape: RecordShape
}
/** Rows sorted, and cut after the step's limit; each interval by itself where `byInterval`. */
export interface Ordered {
  readonly kind: 'order'
  readonly input: Relation
  readonly step: OrderStep
  readonly byInterval: boolean
  readonly shape: RecordShape
}
/** The difference of two bags as changes: rows of `{ op, ...row }`. */
export interface Consolidate {
  readonly kind: 'consolidate'
  readonly plus: Relation
  readonly minus: Relation | undefined
  /** Fields that identify a row; a row whose key is in both is one upsert. Without a key a row is a copy in a bag. */
  readonly key: readonly string[] | undefined
  readonly shape: RecordShape
}

/** A run of intervals that are computed together. */
export interface Run {
  readonly from: number
  readonly to: number
}

/** What an engine is asked to do, in order. */
export type Statement = Make | Fold | Append | Apply | Deliver | Forget

/** Statements that the engine executes by itself; the others are the driver's, which reads and writes rows. */
export type EngineStatement = Exclude<Statement, Apply | Deliver>

/** Materialises a relation as the datasets of intervals `[from, to)` of a series. */
export interface Make {
  readonly kind: 'make'
  readonly series: Series
  readonly from: number
  readonly to: number
  readonly relation: Relation
}
/**
 * Folds accumulators into a state: state = state + plus - minus (DS-21, DS-22). With `changes`, the touched keys'
 * accumulators before and after are kept as the series `before` and `after` of the step at interval `at`.
 */
export interface Fold {
  readonly kind: 'fold'
  readonly state: number
  readonly at: number
  readonly plus: readonly Relation[]
  readonly minus: readonly Relation[]
  readonly changes: boolean
  readonly shape: AccumulatorShape
}
/** Adds rows to a bag. */
export interface Append {
  readonly kind: 'append'
  readonly state: number
  readonly relation: Relation
}
/** Gives the rows of a relation to a function of the user; what it returns is the dataset of `at` of a series. */
export interface Apply {
  readonly kind: 'apply'
  readonly series: Series
  readonly at: number
  readonly input: Relation
}
/** Gives rows to a sink, as its output of one interval. */
export interface Deliver {
  readonly kind: 'deliver'
  readonly sink: number
  readonly at: number
  readonly relation: Relation
}
/** Drops the datasets of a series of intervals before `before`. */
export interface Forget {
  readonly kind: 'forget'
  readonly series: Series
  readonly before: number
}

/** Every blocks relation inside a relation. */
export function blocksOf(relation: Relation): readonly Blocks[] {
  return relation.kind === 'blocks' ? [relation] : inputsOf(relation).flatMap(blocksOf)
}

/** The direct inputs of a relation. */
export function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case 'blocks':
    case 'read':
    case 'state':
      return []
    case 'select':
    case 'partial':
    case 'finish':
    case 'order':
      return [relation.input]
    case 'union':
      return relation.inputs
    case 'merge':
      return [...relation.plus, ...relation.minus]
    case 'consolidate':
      return relation.minus ? [relation.plus, relation.minus] : [relation.plus]
    default:
      return relation satisfies never
  }
}

/** A relation over many intervals, restricted to one of them. */
export function restrict(relation: Relation, at: number): Relation {
  const shape =
    relation.shape.interval === 'column' ? { ...relation.shape, interval: { at } } : relation.shape
  switch (relation.kind) {
    case 'blocks':
    case 'read':
      return { ...relation, from: at, to: at + 1, shape } as Relation
    case 'state':
      return relation
    case 'union':
      return { ...relation, inputs: relation.inputs.map((input) => restrict(input, at)), shape } as Relation
    case 'merge':
    case 'consolidate':
      throw new Error(`a ${relation.kind} is of one interval only`)
    default:
      return { ...relation, input: restrict(relation.input, at), shape } as Relation
  }
}
