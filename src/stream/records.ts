/** Records that the API makes itself: changes of tables, and what was left out. */

/** A row of a table's changes. */
export type Change<T> = T extends readonly unknown[]
  ? { op: 'upsert' | 'delete'; value: T }
  : T extends object
    ? { op: 'upsert' | 'delete' } & T
    : { op: 'upsert' | 'delete'; value: T }

/** A record that did not fit, as `.rejects` holds it. */
export interface RejectedRecord {
  /** Name of the source's step. */
  readonly source: string
  readonly partition: string
  /** Ordinal of the record in its partition, from 0. */
  readonly ordinal: number
  readonly reason: string
  /** The record as it was read, at most 200 characters of it. */
  readonly text: string
}

/** A record that a function failed for, as `.rejects` of its step holds it. */
export interface FailedRecord {
  /** Name of the step, and what the function is for there: `map`, `filter`, `groupBy`. */
  readonly step: string
  readonly function: string
  /** Index of the interval in which the record came. */
  readonly interval: number
  /** Where the record came from: partition, ordinal and so on, joined by `/`; empty for rows that were made. */
  readonly position: string
  /** What was thrown, or what does not fit. */
  readonly reason: string
  /** Where it was thrown; null where the function returned. */
  readonly stack: string | null
  /** The record as JSON, at most 200 characters of it. */
  readonly text: string
}
