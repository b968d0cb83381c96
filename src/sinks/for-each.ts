/** A sink that is the user's own function. */
import type { Interval } from '../interval/interval.ts'
import type { Sink } from './sink.ts'

/**
 * Calls a function with the rows of each interval: of a stream those that came in it (also when there are none), of a
 * table its content each time it may have changed. The job waits for it, and goes on with the next interval
 * afterwards; an error that it throws stops the job.
 *
 * After a crash an interval may be given again: make what it does safe to repeat, by `interval.index`.
 * @example
 * alerts.to('alerts', forEach(async (rows, interval) => {
 *   for (const alert of rows) await notify(`${interval.index}-${alert.user}`, alert)
 * }))
 */
export function forEach<T>(each: (rows: readonly T[], interval: Interval) => unknown): Sink<T> {
  return {
    kind: 'forEach',
    detail: each.name,
    tableMode: 'content',
    open: async () => ({
      async write(interval, output) {
        await each((await output.rows()) as readonly T[], interval)
      },
      async close() {},
    }),
  }
}
