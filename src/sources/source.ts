/**
 * Where records enter.
 *
 * A source is partitions of records, each record at a position (partition, ordinal), plus immutable blocks that
 * hold them. Once per interval the driver asks an open source to *cut*: to say which blocks hold what arrived since
 * the last cut. A block never changes, so any dataset made from it can be made again.
 *
 *   position   0  1  2  3 | 4  5 | 6 ...          one partition, e.g. one log file
 *   block      [ block 0 ) [  1  ) [ 2 ...        half-open: a cut resumes at the record after the last one taken
 *
 * Invariants every source keeps (tests/contracts/source.ts): ordinals of a partition are contiguous from 0 and count
 * every record that is not a blank line, rejects included; a block holds whole records; a block's file is never
 * written again once a cut has returned it; what one cut returned no later cut returns.
 */
import type { Interval } from '../interval/interval.ts'
import type { Validate } from '../schema/standard.ts'
import type { Type } from '../schema/type.ts'
import type { BlockFiles } from '../store/block-files.ts'

/**
 * How the bytes of a block are to be read.
 * - `lines`: each line is a record, a string; ends with LF or CRLF; blank lines are no records; UTF-8; a byte order
 *   mark at the beginning of the partition is skipped.
 * - `ndjson`: each non-blank line is one record: `JSON.parse`, then the schema.
 * - `csv`: a header line, then records; see csvFiles.
 * - `rows`: values in memory, already JavaScript; the schema is checked.
 * - `sequence`: the integers `[from, from + records)`, made by the engine; no bytes at all.
 */
export type BlockFormat = 'lines' | 'ndjson' | 'csv' | 'rows' | 'sequence'

/** An immutable piece of raw input. */
export interface Block {
  readonly format: BlockFormat
  /** Stable name of the partition: for a file its path, with `#2`, `#3` ... for later generations of the path. */
  readonly partition: string
  /** Ordinal in the partition of the block's first record. */
  readonly from: number
  /** Number of records (rejects included), where it was counted on the way; `undefined` for a file read in place. */
  readonly records: number | undefined
  /** Size in bytes of the content as it is on disk; an estimate for `rows`, 0 for `sequence`. */
  readonly bytes: number
  /** Absolute path of the file that holds exactly this block; absent for `rows` and `sequence`. */
  readonly path?: string
  readonly compression?: 'gzip'
  /** For `rows`: the records. */
  readonly rows?: readonly unknown[]
  /** Set where a fast reader must not be tried: it was seen on the way that the reference has to read this block. */
  readonly odd?: boolean
  /** For a file read in place: how it looked when it was cut. A reader refuses the block if it looks different afterwards. */
  readonly inPlace?: FileIdentity
}

export interface FileIdentity {
  readonly size: number
  readonly mtimeMs: number
  readonly inode: number
}

/** What one cut of one source took. */
export interface Cut {
  /** In the order of their positions. */
  readonly blocks: readonly Block[]
  /** Whether more could be taken right now, had the limit allowed it. */
  readonly more: boolean
  /** Whether the source has come to an end as far as it can know: all files read, end of standard input, array done. */
  readonly ended: boolean
  /**
   * Set where nothing came because the outside is silent (standard input): by the step clock no time passes then. A
   * source that goes by intervals itself (an array with an empty cut) leaves it out: its empty interval is one.
   */
  readonly waiting?: boolean
}

/** How much one interval may take. Absent means no limit of that kind. */
export interface PerInterval {
  readonly files?: number
  readonly records?: number
  readonly bytes?: number
}

/** What happens to records that do not fit: they are kept in `.rejects` and counted, or the job stops. */
export type OnReject = 'keep' | 'fail'

/** A description of where records come from; data until `open` is called. `T` is the record's TypeScript type. */
export interface Source<out T = unknown> {
  /** What kind of source it is: `lines`, `ndjsonFiles` ... */
  readonly kind: string
  /** Short text for `explain`: the glob, the address. */
  readonly detail: string
  /** The type of the records; for `sequence` blocks the type of the integers. */
  readonly type: Type
  /** Blocks' format, needed to plan how to read. */
  readonly format: BlockFormat
  readonly onReject: OnReject
  /** Whether the source can ever end; `--until drained` refuses one that can't. */
  readonly canEnd: boolean
  /** Whether its end is for good (an array, standard input); files that were all read may grow. */
  readonly isFinite: boolean
  /** What runs on each record beyond the type: a Standard Schema's refinements. */
  readonly validate?: Validate | undefined
  open(context: SourceContext): Promise<OpenSource>
  /** Never set; carries `T` for inference. */
  readonly record?: T
}

export interface SourceContext {
  /** The step's name; block files are kept under it. */
  readonly step: string
  readonly intervalMs: number
  /** Where received bytes are copied to. */
  readonly blockFiles: BlockFiles
  /** Directory that relative paths and globs are relative to. */
  readonly directory: string
  /** Milliseconds since the epoch; passed in so that tests and simulation own time. */
  now(): number
  /** Says something the user should know (a file that vanished, a client that misbehaves); never per record. */
  warn(message: string): void
  /** Reports that the source cannot go on. */
  fail(error: Error): void
}

/** A source that is being read. Its methods are never called concurrently. */
export interface OpenSource {
  /**
   * Takes what arrived since the last cut, up to the source's own limits.
   * @param interval the interval the blocks will belong to
   * @param draining whether the job ends when nothing is left: then a last line without its newline is taken too
   */
  cut(interval: Interval, draining: boolean): Promise<Cut>
  /** Called when the run that holds the blocks of an interval is done: received bytes up to it no longer count as waiting. */
  done(interval: number): void
  close(): Promise<void>
}
