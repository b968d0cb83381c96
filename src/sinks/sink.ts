/**
 * Where results leave.
 *
 * A sink is told once per interval what to make visible, in the order of intervals, and makes a second write of the
 * same interval a no-op or an identical replacement. Of a stream it gets the rows of the interval; of a table its
 * content, or its changes, whichever it asks for.
 */
import type { Interval } from '../interval/interval.ts'
import type { Flow } from '../plan/step.ts'
import type { Type } from '../schema/type.ts'

/**
 * What a sink takes of a table: the content each time it may have changed, or a stream of its changes or contents
 * (the plan puts `.changes()` or `.snapshots()` before the sink).
 */
export type TableMode = 'content' | 'changes' | 'snapshots'

/** A description of where rows go; data until `open` is called. `T` is the row's TypeScript type. */
export interface Sink<in T = any> {
  /** What kind of sink it is: `stdout`, `ndjson` ... */
  readonly kind: string
  /** Short text for `explain`: the path, the address. */
  readonly detail: string
  readonly tableMode: TableMode
  /**
   * What it calls of an output: `rows` (the default), which may be written while later intervals are computed (up to `SINK_LAG` of
   * them), or `parquet`, which the engine writes from its datasets as they are then.
   */
  readonly takes?: 'rows' | 'parquet'
  /** Why this sink can't take such rows, and the cure; `undefined` where it can. Asked when the job is built. */
  refuse?(what: SinkInput): { readonly what: string; readonly cure: string } | undefined
  open(context: SinkContext): Promise<OpenSink>
  /** Never set; carries `T` for inference. */
  readonly row?: (row: T) => void
}

/** What a step gives to a sink. */
export interface SinkInput {
  readonly flow: Flow
  readonly type: Type | undefined
  readonly key: readonly string[] | undefined
}

/** What a sink is told when it is opened. */
export interface SinkContext extends SinkInput {
  readonly job: string
  /** Name of the sink's step. */
  readonly step: string
  /** Directory that relative paths are relative to. */
  readonly directory: string
  /** How `stdout` prints. */
  readonly format: 'table' | 'ndjson'
  /** Where `stdout` prints to: one call per piece of text. */
  print(text: string): void | Promise<void>
}

/** A sink that is being written to. `write` is called once per interval, in order, never concurrently. */
export interface OpenSink {
  write(interval: Interval, output: Output): Promise<void>
  /** Makes what was written so far durable; called before the intervals are told to be done, once for many of them. */
  flush?(): Promise<void>
  close(): Promise<void>
}

/** The rows of one interval for one sink. */
export interface Output {
  /** All rows as JavaScript values. Bags come in no particular order, sorted steps in theirs. */
  rows(): Promise<readonly unknown[]>
  /**
   * Writes the rows to a Parquet file, by the engine itself. The file must not exist.
   * @returns how many rows there were, where the engine says
   */
  parquet(path: string): Promise<number>
}
