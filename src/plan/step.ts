/**
 * What a job computes: a closed union of steps.
 *
 * A step is a node of the plan with a stable name. It is one of two things: a *stream*, whose dataset in interval n
 * holds what came in n, or a *table*, whose dataset in n is its whole content at the end of n. Everything in the
 * fluent API is made of these kinds; engines and the statements of a run know kinds, never operators.
 */

import type { Type } from '../schema/type.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Source } from '../sources/source.ts'
import type { BoundAggregate } from './aggregate.ts'
import type { Lambda } from './lambda.ts'
import type { BoundOrder } from './order.ts'

export type Step =
  | SourceStep
  | SelectStep
  | UnionStep
  | WindowStep
  | AggregateStep
  | StateStep
  | OrderStep
  | ApplyStep
  | EmitStep
  | SinkStep

export type Flow = 'stream' | 'table'

interface Common {
  /** Place in the plan; parents come before children. */
  readonly id: number
  /** Stable name, given by the user or derived; unique in the plan. */
  readonly name: string
  readonly flow: Flow
  /** Type of the rows; `undefined` after a lambda that is not compiled. */
  readonly type: Type | undefined
  readonly parents: readonly number[]
  /** Of a table: the fields that identify a row; `undefined` for a bag. */
  readonly key: readonly string[] | undefined
}

/** Records of a source, or those that did not fit. */
export interface SourceStep extends Common {
  readonly kind: 'source'
  readonly source: Source
  readonly output: 'records' | 'rejects'
  /** For rejects: the step whose records they did not become; blocks are cut once, for both. */
  readonly of: number
}

/** Fused map, filter, flatMap and sample, record by record. */
export interface SelectStep extends Common {
  readonly kind: 'select'
  readonly operations: readonly Operation[]
  /** `rejects`: instead of the rows, the records for which a function of the operations failed. */
  readonly output: 'records' | 'rejects'
}
export type Operation = FunctionOperation | SampleOperation
export type FunctionOperation = MapOperation | FilterOperation | FlatMapOperation | ExtendOperation

interface Called {
  /** Name of the step that the user made of it, before steps were fused; names it in rejects and errors. */
  readonly step?: string
}
export interface MapOperation extends Called {
  readonly kind: 'map'
  readonly lambda: Lambda
  readonly type: Type | undefined
}
export interface FilterOperation extends Called {
  readonly kind: 'filter'
  readonly lambda: Lambda
}
export interface FlatMapOperation extends Called {
  readonly kind: 'flatMap'
  readonly lambda: Lambda
  /** Of an element of the list. */
  readonly type: Type | undefined
}
/**
 * The record as the field `record`, with what functions make of it beside it: keys and values of a later aggregate
 * that run as JavaScript, once per record.
 */
export interface ExtendOperation extends Called {
  readonly kind: 'extend'
  readonly fields: readonly { readonly name: string; readonly role: string; readonly lambda: Lambda }[]
  readonly type: Type | undefined
}
/** Keeps a record by a hash of (seed, position), so that the choice is the same however the work is split. */
export interface SampleOperation {
  readonly kind: 'sample'
  readonly fraction: number
  readonly seed: string
}

export interface UnionStep extends Common {
  readonly kind: 'union'
}

/** The bag of the records of the last `lengthMs`, as of the last multiple of `slideMs` since the epoch (DS-19). */
export interface WindowStep extends Common {
  readonly kind: 'window'
  readonly lengthMs: number
  readonly slideMs: number
}

/** One row per key with the aggregates of its records; without `key` one row for all, if there are records. */
export interface AggregateStep extends Common {
  readonly kind: 'aggregate'
  readonly by: GroupKey
  /** What is aggregated of each record: the second argument of groupBy. */
  readonly value: Lambda | undefined
  readonly aggregates: readonly BoundAggregate[]
  /** How a row is made of key and results: a struct of both, the key itself (`distinct`), or the one result. */
  readonly shape: 'struct' | 'key' | 'result'
}
export type GroupKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'fields'; readonly lambda: Lambda; readonly type: Type | undefined }
  /** The whole record is the key. */
  | { readonly kind: 'record' }

/** All over time: the running content of an aggregate (DS-22), or the bag of all records so far. */
export interface StateStep extends Common {
  readonly kind: 'state'
  readonly of: 'aggregate' | 'bag'
}

/** Sorted, and cut after `limit` rows: per interval of a stream, or of a table's content. */
export interface OrderStep extends Common {
  readonly kind: 'order'
  readonly orders: readonly BoundOrder[]
  readonly limit: number | undefined
}

/**
 * A whole dataset given to a function of the user, outside of the engine: `transform` at once, `enrich` some rows at a
 * time, for answers from elsewhere. Its rows are made, never computed again from within a query.
 */
export interface ApplyStep extends Common {
  readonly kind: 'apply'
  readonly mode: 'transform' | 'enrich'
  readonly lambda: Lambda
  /** Of enrich: how it is called. */
  readonly calls: ApplyCalls | undefined
}
export interface ApplyCalls {
  /** At most so many rows per call. */
  readonly size: number
  /** At most so many calls at a time. */
  readonly concurrency: number
  /** How often a call that failed is made again. */
  readonly retries: number
  /** After which time a call counts as failed. */
  readonly timeoutMs: number
}

/** A table as a stream: of its changes, or of its contents. */
export interface EmitStep extends Common {
  readonly kind: 'emit'
  readonly mode: 'changes' | 'snapshots'
}

export interface SinkStep extends Common {
  readonly kind: 'sink'
  readonly sink: Sink
}
