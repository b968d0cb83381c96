/** Parquet files, written by the engine itself: no row becomes a JavaScript value on the way. */
import { rm } from 'node:fs/promises'
import { type FileSinkOptions, fileSink, sync } from './interval-files.ts'
import type { Output, Sink, SinkInput } from './sink.ts'

/**
 * Writes a Parquet file per interval into a directory: `out/000000012.parquet`. An interval without rows has no file.
 * @param path the directory; it must not hold the output of another run
 * @example
 * clicks.filter(click => click.ms > 500).to('slow', parquet('slow'))
 */
export const parquet = (path: string, options: FileSinkOptions = {}): Sink<unknown> =>
  fileSink({ kind: 'parquet', extension: '.parquet', takes: 'parquet', refuse, write }, path, options)

function refuse({ type }: SinkInput): { what: string; cure: string } | undefined {
  if (type) return undefined
  return {
    what: 'the columns are not known, because a function before it is not compiled.',
    cure: 'Make it compile (dstreams explain says what is in the way), or write NDJSON.',
  }
}

async function write(path: string, output: Output): Promise<boolean> {
  await rm(path, { force: true })
  if ((await output.parquet(path)) === 0) return false
  await sync(path)
  return true
}
