/** Time, passed in: the only place where the wall clock and timers are read. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds from any fixed point, with fractions, never going back; for measuring. */
  precise(): number
  /** Calls back once at a time; the returned function calls it off. */
  at(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  precise: () => performance.now(),
  at(ms, callback) {
    const timer = setTimeout(callback, Math.max(0, ms - Date.now()))
    return () => clearTimeout(timer)
  },
}
