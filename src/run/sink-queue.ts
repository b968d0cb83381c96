/**
 * The writes of one sink: in the order of intervals, one at a time, up to `SINK_LAG` intervals behind the computation.
 *
 * While a sink brings an interval's rows to the disk or to a server, later intervals are computed. A failed write fails
 * all after it, so that nothing is written past a gap.
 */
import { DstreamsError, messageOf } from '../errors.ts'
import type { Interval } from '../interval/interval.ts'
import type { SinkStep } from '../plan/step.ts'
import type { OpenSink, Output } from '../sinks/sink.ts'

/** How many intervals a sink may be behind before the job waits for it. */
export const SINK_LAG = 16

export class SinkQueue {
  readonly #step: SinkStep
  readonly #sink: OpenSink
  /** Writes that are not done, oldest first. */
  readonly #pending: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()
  #isDirty = false
  #isClosed = false

  constructor(step: SinkStep, sink: OpenSink) {
    this.#step = step
    this.#sink = sink
  }

  get takes(): 'rows' | 'parquet' {
    return this.#step.sink.takes ?? 'rows'
  }

  /** Settles when there is room for one more write. */
  async ready(): Promise<void> {
    if (this.#pending.length >= SINK_LAG) await this.#pending[0]
  }

  /** Writes an interval's output after those before it. */
  write(interval: Interval, output: Output): void {
    const write = this.#last.then(() => {
      if (this.#isClosed) throw new Error(`the sink "${this.#step.name}" is closed`)
      return this.#attempt(`in interval ${interval.index}`, () => this.#sink.write(interval, output))
    })
    this.#isDirty = true
    this.#last = write
    this.#pending.push(write)
    const done = (): void => void this.#pending.splice(this.#pending.indexOf(write), 1)
    // who waits for `written` or `ready` sees the failure; here it only must not go unhandled
    write.then(done, done)
  }

  /** Settles when all writes so far are done and durable, or with the first failure. */
  written(): Promise<void> {
    if (this.#sink.flush && this.#isDirty) {
      this.#isDirty = false
      this.#last = this.#last.then(() => this.#attempt('after the last interval', () => this.#sink.flush!()))
      this.#last.catch(() => {})
    }
    return this.#last
  }

  /** Closes the sink after the write under way; those that wait, when the job has failed elsewhere, are not made. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last.catch(() => {})
    await this.#attempt('when it was closed', () => this.#sink.close())
  }

  async #attempt(when: string, operation: () => Promise<void>): Promise<void> {
    try {
      await operation()
    } catch (cause) {
      if (cause instanceof DstreamsError) throw cause
      throw new DstreamsError('DS_SINK', {
        what: `Sink "${this.#step.name}" failed ${when}: ${messageOf(cause)}.`,
        cure: 'Mend what the sink writes to, then start the job again.',
        cause,
      })
    }
  }
}
