/** NDJSON files: one JSON value per line. */
import { create, type FileSinkOptions, fileSink } from './interval-files.ts'
import type { Output, Sink } from './sink.ts'

/**
 * Writes a file of JSON lines per interval into a directory: `out/000000012.ndjson`. An interval without rows has no
 * file. JSON has no NaN and no infinities: there they are `null`.
 * @param path the directory; it must not hold the output of another run
 * @example
 * orders.rejects.to('rejects', ndjson('rejects'))
 * totals.running().to('totals', ndjson('totals', { mode: 'snapshots' }))
 */
export const ndjson = (path: string, options: FileSinkOptions = {}): Sink<unknown> =>
  fileSink({ kind: 'ndjson', extension: '.ndjson', write }, path, options)

async function write(path: string, output: Output): Promise<boolean> {
  const rows = await output.rows()
  if (rows.length > 0) await create(path, pieces(rows))
  return rows.length > 0
}

const ROWS_PER_PIECE = 10_000

/** Lines in pieces, so that a large interval is not held as text as well. */
function* pieces(rows: readonly unknown[]): Iterable<string> {
  for (let from = 0; from < rows.length; from += ROWS_PER_PIECE)
    yield rows
      .slice(from, from + ROWS_PER_PIECE)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('')
}
