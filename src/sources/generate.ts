/**
 * A source of integers 0, 1, 2 ... at a given rate: for trying things out, and for benchmarks. `map` makes records
 * of them. No byte is made: a block is a range of integers, which the engine itself enumerates.
 *
 * After the intervals from the first one cut up to n the source has given `floor(rate * seconds in them)` records,
 * so that a rate that does not divide evenly loses nothing.
 */
import type { Interval } from '../interval/interval.ts'
import { INTEGER } from '../schema/type.ts'
import { checkOptions, checkWhole, type SourceOptions, wrong } from './limits.ts'
import type { Cut, OpenSource, Source } from './source.ts'

/** How many integers `generate` makes. */
export interface GenerateOptions extends SourceOptions {
  /** Records per second. */
  readonly rate: number
  /** How many records there are in all; without it the source never ends. */
  readonly total?: number
}

/**
 * Integers from 0 at a rate.
 * @example
 * s.from(generate({ rate: 1000, total: 10_000 })).map((n) => ({ user: `u${n % 10}`, n }))
 */
export function generate(options: GenerateOptions): Source<number> {
  checkOptions('generate', options, { options: ['rate', 'total'], limits: ['records'] })
  const { rate, total } = options
  if (!(Number.isFinite(rate) && rate > 0)) {
    throw wrong('generate', 'rate', rate, 'a number above 0', 'It is the number of records per second.')
  }
  if (total !== undefined) checkWhole('generate', 'total', total, 0)
  return {
    kind: 'generate',
    detail: `${rate}/s${total === undefined ? '' : `, ${total} in all`}`,
    type: INTEGER,
    format: 'sequence',
    onReject: options.onReject ?? 'keep',
    canEnd: total !== undefined,
    isFinite: total !== undefined,
    open: async () => new Sequence(rate, total ?? Number.MAX_SAFE_INTEGER, options.perInterval?.records),
  }
}

class Sequence implements OpenSource {
  readonly #rate: number
  readonly #total: number
  readonly #limit: number
  #firstMs: number | undefined
  #given = 0

  constructor(rate: number, total: number, limit: number = Number.POSITIVE_INFINITY) {
    this.#rate = rate
    this.#total = total
    this.#limit = limit
  }

  async cut(interval: Interval): Promise<Cut> {
    this.#firstMs ??= interval.fromMs
    const due = Math.min(this.#total, Math.floor(((interval.toMs - this.#firstMs) * this.#rate) / 1000))
    const from = this.#given
    const records = Math.max(0, Math.min(due - from, this.#limit))
    this.#given += records
    const block = { format: 'sequence', partition: 'sequence', from, records, bytes: 0 } as const
    return {
      blocks: records === 0 ? [] : [block],
      more: this.#given < due,
      ended: this.#given === this.#total,
    }
  }

  done(): void {}

  async close(): Promise<void> {}
}
