/** The unit of time: interval `index` covers `[fromMs, toMs)`, in epoch milliseconds. Indices count from 0 without gaps. */
export interface Interval {
  readonly index: number
  readonly fromMs: number
  readonly toMs: number
}

/** The intervals of a job: where they start and how long each is. */
export interface Intervals {
  /** `fromMs` of interval 0, a multiple of `lengthMs` since the epoch. */
  readonly originMs: number
  readonly lengthMs: number
}

/** The intervals of a job whose first one contains `nowMs`. */
export const intervalsFrom = (nowMs: number, lengthMs: number): Intervals => ({
  originMs: Math.floor(nowMs / lengthMs) * lengthMs,
  lengthMs,
})

/** Interval number `index`. */
export const intervalAt = ({ originMs, lengthMs }: Intervals, index: number): Interval => ({
  index,
  fromMs: originMs + index * lengthMs,
  toMs: originMs + (index + 1) * lengthMs,
})

/** How many intervals are over at `nowMs`; the next one to cut is the first that is not among them. */
export const intervalsOver = ({ originMs, lengthMs }: Intervals, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - originMs) / lengthMs))
