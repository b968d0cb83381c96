/**
 * How datasets are computed: the interface of an engine.
 *
 * An engine keeps named datasets (series, interval) and states, evaluates relations over them and over the blocks of
 * the intervals that were loaded, and hands rows to the driver. It knows the kinds of relation.ts and nothing of
 * operators, sinks or time. Every engine gives the same rows for the same statements (law 5); what it can't do it
 * refuses in `prepare`, before the job starts.
 */
import type { Intervals } from '../interval/interval.ts'
import type { Analysis } from '../plan/analysis.ts'
import type { Watch } from '../plan/call.ts'
import type { EngineStatement, Relation, Series } from '../plan/relation.ts'
import type { Block } from '../sources/source.ts'
import type { FunctionFailures } from './failures.ts'

export interface Engine {
  readonly name: string
  /** Checks that every step can be computed here, and opens what is needed. Throws an error that names the step. */
  prepare(analysis: Analysis): Promise<void>
  /** Tells when intervals are, and who watches calls of functions; once, before the first interval is loaded. */
  start(intervals: Intervals, watch?: Watch): void
  /** Makes the blocks of an interval of a source known. They stay until `unload`. */
  load(source: number, interval: number, blocks: readonly Block[]): void
  /** Executes a statement. */
  execute(statement: EngineStatement): Promise<void>
  /** Makes the dataset of an interval of a series of rows, which have the type of the series' step. */
  write(series: Series, at: number, rows: readonly unknown[]): Promise<void>
  /** The rows of a relation, as a sink's output. */
  read(relation: Relation): Promise<readonly unknown[]>
  /** Writes the rows of a relation to a new Parquet file; how many there were. */
  writeParquet(relation: Relation, path: string): Promise<number>
  /**
   * Ends the run of intervals before `before`: forgets their blocks and says what was in them.
   * Counts are complete: every source that was loaded, every interval.
   */
  unload(before: number): Promise<readonly SourceCounts[]>
  /** The calls of users' functions that failed since this was last asked. */
  failures(): readonly FunctionFailures[]
  close(): Promise<void>
}

/** How many records of a source an interval held, how many of them did not fit, and how they were read. */
export interface SourceCounts {
  readonly source: number
  readonly interval: number
  readonly records: number
  readonly rejects: number
  /** Blocks that were read record by record in JavaScript, because a faster reader could not be trusted with them. */
  readonly slowBlocks: number
}
