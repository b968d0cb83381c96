/**
 * Rows from memory: for tests, examples and small fixed inputs. The rows are one partition, in their order.
 *
 *   cut: [2, 0, 3]        rows  a b | | c d e        interval 0, 1, 2
 */
import { inspect } from 'node:util'
import type { Interval } from '../interval/interval.ts'
import { type Infer, resolveSchema, type SchemaLike } from '../schema/literal.ts'
import { checkOptions, checkWhole, type SourceOptions, wrong } from './limits.ts'
import type { Block, Cut, OpenSource, Source } from './source.ts'

/** How the rows of `fromArray` enter intervals. */
export interface FromArrayOptions extends SourceOptions {
  /**
   * How many rows each interval gets, from the first on; intervals after the last number get what is left.
   * Without `cut` and `perInterval` the first interval gets all.
   */
  readonly cut?: readonly number[]
}

/**
 * Rows from memory. They are held against the schema, as records of any source are.
 * @example
 * s.from(fromArray([{ user: 'ada', ms: 5 }, { user: 'bob', ms: 7 }], { user: 'string', ms: 'integer' }, { cut: [1, 1] }))
 */
export function fromArray<const S extends SchemaLike>(
  rows: readonly unknown[],
  schema: S,
  options: FromArrayOptions = {},
): Source<Infer<S>> {
  checkOptions('fromArray', options, { options: ['cut'], limits: ['records'] })
  if (!Array.isArray(rows))
    throw wrong('fromArray', 'rows', rows, 'an array', 'Give the records as an array.')
  const { cut, perInterval } = options
  if (cut && perInterval) {
    throw wrong('fromArray', 'cut', cut, 'given without perInterval', 'Leave one of the two out.')
  }
  for (const [index, size] of (cut ?? []).entries()) checkWhole('fromArray', `cut[${index}]`, size, 0)
  // what the user does to the array afterwards must not change what was read
  const copy = [...rows]
  const sizes = cut ? [...cut] : []
  const { type, validate } = resolveSchema(schema)
  return {
    kind: 'fromArray',
    detail: `${copy.length} rows`,
    type,
    format: 'rows',
    ...(validate && { validate }),
    onReject: options.onReject ?? 'keep',
    canEnd: true,
    isFinite: true,
    open: async () => new Rows(copy, sizes, perInterval?.records ?? Number.POSITIVE_INFINITY),
  }
}

class Rows implements OpenSource {
  readonly #rows: readonly unknown[]
  readonly #sizes: readonly number[]
  readonly #limit: number
  readonly #rowBytes: number
  #cuts = 0
  #given = 0

  constructor(rows: readonly unknown[], sizes: readonly number[], limit: number) {
    this.#rows = rows
    this.#sizes = sizes
    this.#limit = limit
    this.#rowBytes = estimateBytes(rows)
  }

  async cut(_interval: Interval): Promise<Cut> {
    const from = this.#given
    const rows = this.#rows.slice(from, from + (this.#sizes[this.#cuts++] ?? this.#limit))
    this.#given += rows.length
    const bytes = Math.round(rows.length * this.#rowBytes)
    const block: Block = { format: 'rows', partition: 'rows', from, records: rows.length, bytes, rows }
    const over = this.#given === this.#rows.length
    return {
      blocks: rows.length === 0 ? [] : [block],
      // with `cut` the rest belongs to later intervals: it can't be had now
      more: !over && this.#sizes.length === 0,
      ended: over && this.#cuts >= this.#sizes.length,
    }
  }

  done(): void {}

  async close(): Promise<void> {}
}

/** Mean size of a row as text, from the first few. */
function estimateBytes(rows: readonly unknown[]): number {
  const sample = rows.slice(0, 16)
  const bytes = sample.reduce((sum: number, row) => sum + inspect(row).length, 0)
  return sample.length === 0 ? 0 : bytes / sample.length
}
