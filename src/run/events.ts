/** What a running job tells about itself. One event per interval by default; nothing per record. */
import type { Interval } from '../interval/interval.ts'

/** The facts of one interval, told when its output is committed. */
export interface IntervalEvent {
  readonly interval: Interval
  /** Records of all sources in the interval, rejects included. */
  readonly records: number
  /** Records that did not fit. */
  readonly rejects: number
  /** Bytes of input in the interval. */
  readonly bytes: number
  /** Time spent on the interval; of intervals computed together, an equal share each. Milliseconds. */
  readonly processingMs: number
  /** From the end of the interval to its commit, by the wall clock; 0 by the step clock. Milliseconds. */
  readonly totalDelayMs: number
  /** Intervals that are cut and not yet done. */
  readonly backlog: number
  /** How many intervals were computed together with this one, itself included. */
  readonly together: number
}

/** What a whole run was. */
export interface Summary {
  readonly intervals: number
  readonly records: number
  readonly rejects: number
  /** From start to end, by the wall clock. Milliseconds. */
  readonly elapsedMs: number
  /** Why it ended. */
  readonly reason: 'stopped' | 'drained' | 'until'
}

/** The events of a run by name. */
export interface Events {
  interval: IntervalEvent
  /** Something the user should know that does not end the job. */
  warning: string
}
/** What is called with each event of a kind. */
export type Listener<E extends keyof Events> = (event: Events[E]) => void
