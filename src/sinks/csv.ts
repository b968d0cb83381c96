/** CSV files: a header, then a line per row, quoted as RFC 4180 says. */
import { describe, type Type } from '../schema/type.ts'
import { columnsOf } from './columns.ts'
import { create, type FileSinkOptions, fileSink } from './interval-files.ts'
import type { Output, Sink, SinkInput } from './sink.ts'

/**
 * Writes a CSV file per interval into a directory: `out/000000012.csv`. An interval without rows has no file. `null`
 * is an empty cell, an empty text is `""`; timestamps are epoch milliseconds. A row that is not an object is the
 * column `value`. Lists and nested objects have no place in CSV and are refused when the job is built.
 * @param path the directory; it must not hold the output of another run
 * @example
 * counts.to('counts', csv('counts'))
 */
export const csv = (path: string, options: FileSinkOptions = {}): Sink<unknown> =>
  fileSink({ kind: 'csv', extension: '.csv', refuse, write }, path, options)

function refuse({ type }: SinkInput): { what: string; cure: string } | undefined {
  if (!type)
    return {
      what: 'the columns are not known, because a function before it is not compiled.',
      cure: 'Make it compile (dstreams explain says what is in the way), or write NDJSON.',
    }
  const fields = type.kind === 'struct' && !type.nullable ? type.fields : [{ name: 'value', type }]
  const nested = fields.find((field) => field.type.kind === 'list' || field.type.kind === 'struct')
  if (!nested) return undefined
  return {
    what: `the column ${nested.name} is ${describe(nested.type)}, which has no place in CSV.`,
    cure: 'Map it to texts or numbers, one field each, or write NDJSON or Parquet.',
  }
}

async function write(path: string, output: Output, { type }: SinkInput): Promise<boolean> {
  const rows = await output.rows()
  if (rows.length > 0) await create(path, pieces(rows, type))
  return rows.length > 0
}

const ROWS_PER_PIECE = 10_000

/** Lines in pieces, so that a large interval is not held as text as well. */
function* pieces(rows: readonly unknown[], type: Type | undefined): Iterable<string> {
  const columns = columnsOf(type, rows)
  yield lineOf(columns.map((column) => column.name))
  for (let from = 0; from < rows.length; from += ROWS_PER_PIECE)
    yield rows
      .slice(from, from + ROWS_PER_PIECE)
      .map((row) => lineOf(columns.map((column) => column.of(row))))
      .join('')
}

// a line that is one empty cell would be a blank line, which readers leave out
const lineOf = (cells: readonly unknown[]): string =>
  `${cells.length === 1 && cells[0] == null ? '""' : cells.map(cellOf).join(',')}\n`

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
