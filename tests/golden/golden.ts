/** What a golden job is: its input as files, the job, and the output that was worked out by hand. */

import type { DStream } from '../../src/index.ts'
import type { SchemaLike } from '../../src/schema/literal.ts'
import type { Sink } from '../../src/sinks/sink.ts'

export interface Golden {
  readonly title: string
  /** By name of the source: the file of each interval. */
  readonly inputs: Readonly<Record<string, GoldenInput>>
  /** Defines the job; `from` is the stream of an input, `to` a sink of the expected output. */
  define(from: (input: string) => DStream<any>, to: (output: string) => Sink<any>): void
  /** By name of the sink: the rows of each interval; `sorted` where their order counts. */
  readonly expected: Readonly<Record<string, GoldenOutput>>
}

export interface GoldenInput {
  readonly format: 'lines' | 'ndjson' | 'csv'
  readonly schema: SchemaLike
  readonly files: readonly string[]
}

export interface GoldenOutput {
  readonly sorted?: boolean
  readonly intervals: readonly (readonly unknown[])[]
}
