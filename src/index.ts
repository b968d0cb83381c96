// biome-ignore-all assist/source/organizeImports: the order is the one in which a record meets them
/** The public API of dstreams, in the order in which a record meets it. */

// what is computed: a job, and the ways to run it and to look at it
export { type Job, type JobOptions, type Scope, job } from './stream/job.ts'
export type { ParameterDeclarations, ParameterValues, ParametersOf } from './stream/parameters.ts'
export { type RunHandle, type RunOptions, run } from './run/run.ts'
export { type ExplainOptions, explain } from './observe/explain.ts'
export { planText } from './observe/plan-text.ts'

// what flows: schemas, and what TypeScript infers from them
export {
  type Infer,
  type Schema,
  type SchemaLike,
  type SchemaLiteral,
  nullable,
  schema,
} from './schema/literal.ts'
export type { StandardSchema } from './schema/standard.ts'

// where records enter
export { type LinesOptions, lines } from './sources/lines.ts'
export { csvFiles, ndjsonFiles, textFiles } from './sources/files.ts'
export { type ReceivingOptions, tcpLines } from './sources/tcp.ts'
export { type GenerateOptions, generate } from './sources/generate.ts'
export { type FromArrayOptions, fromArray } from './sources/from-array.ts'
export type { SourceOptions } from './sources/limits.ts'
export type { OnReject, PerInterval, Source } from './sources/source.ts'

// what is done to them: streams and tables, aggregates, orders
export type { DStream, Table } from './stream/dstream.ts'
export type { Change, FailedRecord, RejectedRecord } from './stream/records.ts'
export type { Context } from './plan/lambda.ts'
export type { FunctionOptions } from './plan/function-options.ts'
export type { Grouped } from './stream/grouped.ts'
export {
  type Aggregate,
  type SumOptions,
  collect,
  count,
  countDistinct,
  first,
  last,
  max,
  mean,
  min,
  sum,
  topK,
  variance,
} from './plan/aggregate.ts'
export { type Order, asc, desc } from './plan/order.ts'

// where results leave
export { type StdoutOptions, stdout } from './sinks/stdout.ts'
export type { FileSinkOptions } from './sinks/interval-files.ts'
export { ndjson } from './sinks/ndjson.ts'
export { csv } from './sinks/csv.ts'
export { parquet } from './sinks/parquet.ts'
export { forEach } from './sinks/for-each.ts'
export { type CollectedRows, collectRows } from './sinks/collect-rows.ts'
export type { OpenSink, Output, Sink, SinkContext, SinkInput, TableMode } from './sinks/sink.ts'

// what is told on the way
export type { Interval } from './interval/interval.ts'
export type { Events, IntervalEvent, Listener, Summary } from './run/events.ts'
export type { ExplainedLambda, ExplainedStep, Explanation } from './plan/explain.ts'
export { type ErrorCode, DstreamsError } from './errors.ts'
