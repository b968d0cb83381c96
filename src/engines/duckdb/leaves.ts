/** What relations are printed over: blocks, stored datasets, states. */
import type { Parameters } from '../../expression/print.ts'
import type { Blocks, Series } from '../../plan/relation.ts'

/** Where the leaves of relations are. */
export interface Leaves {
  /** A SELECT of the records or rejects of blocks, with the columns of its shape. */
  blocks(relation: Blocks, parameters: Parameters): string
  /** Tables that hold intervals of a series, in the order of time. */
  tables(series: Series, from: number, to: number): readonly StoredTable[]
  /** The table of a state, if there is one yet. */
  state(step: number): string | undefined
}

/** A table with the datasets of intervals `[from, to)`; with a column `i` unless it is of one interval. */
export interface StoredTable {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly hasInterval: boolean
  /** Whether it also holds rows of intervals before `from`, which are forgotten. */
  readonly holdsForgotten?: boolean
  readonly rows: number
}
