/** Rows kept in memory, for tests. */
import { DstreamsError } from '../errors.ts'
import type { Sink } from './sink.ts'

/** What a job gave to `collectRows()` in its last run. */
export interface CollectedRows<T> extends Sink<T> {
  /** All rows, interval after interval. Of a table: its contents one after the other; see `last`. */
  readonly rows: readonly T[]
  /** The rows of each interval by its index; of a table the content at the end of each interval that changed it. */
  readonly intervals: ReadonlyMap<number, readonly T[]>
  /** The rows of the last interval; of a table its last content. */
  readonly last: readonly T[]
}

/**
 * Keeps the rows, so that a test can look at them.
 * @example
 * const counts = collectRows<{ word: string; n: number }>()
 * const words = job('words', { interval: '1s' }, s => s.from(...).running().to('counts', counts))
 * await run(words, { engine: 'memory', until: 'drained' }).finished
 * expect(counts.last).toEqual([{ word: 'a', n: 2 }])
 */
export function collectRows<T = any>(): CollectedRows<T> {
  const intervals = new Map<number, readonly T[]>()
  let openedBy: string | undefined
  return {
    kind: 'collectRows',
    detail: '',
    tableMode: 'content',
    get rows() {
      return [...intervals.values()].flat() as T[]
    },
    intervals,
    get last() {
      return [...intervals.values()].at(-1) ?? []
    },
    async open({ step }) {
      if (openedBy !== undefined)
        throw new DstreamsError('DS_JOB', {
          what: `One collectRows() is the sink of two steps, "${openedBy}" and "${step}".`,
          cure: 'Make one for each.',
        })
      openedBy = step
      intervals.clear()
      return {
        async write(interval, output) {
          intervals.set(interval.index, (await output.rows()) as readonly T[])
        },
        async close() {
          openedBy = undefined
        },
      }
    },
  }
}
