/** Blocks as the engine holds them during a run. */
import type { Block } from '../../sources/source.ts'

/** A block and what is known of it. */
export interface Held {
  readonly block: Block
  readonly source: number
  readonly interval: number
  /** How it is read; `unknown` until it was looked at. */
  reading: 'unknown' | 'scan' | 'reference' | 'sequence'
  /** Whether its bytes were searched for what a scan would read wrongly without an error. */
  isSearched: boolean
  /** Whether a scan of it succeeded, so that it holds no rejects. */
  proven: boolean
  /** Canonical rows, once the reference has read it. */
  canonical: string | undefined
  records: number | undefined
  rejects: readonly Rejected[]
}
export interface Rejected {
  readonly ordinal: number
  readonly reason: string
  readonly text: string
}

/** The integers of a block of a sequence. */
export const rangeOf = (block: Block): string =>
  `range(${block.from}, ${block.from + (block.records ?? 0)}) AS numbers(c0)`
