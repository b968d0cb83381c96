/**
 * Rows from JavaScript to DuckDB: NDJSON with the physical names of columns and fields, read with their exact types.
 *
 * The way in for what the reference read (rejects, odd records, CSV, arrays). Values conform to their type already, so
 * a typed reader can't coerce anything.
 */
import type { Type } from '../../schema/type.ts'
import { columnTypes } from './columns-sql.ts'
import { duckdbType } from './expression-sql.ts'

/** The JSON text of a value with the physical names of its fields. */
export function physical(value: unknown, type: Type): unknown {
  if (value === null || value === undefined) return null
  if (type.kind === 'list') return (value as unknown[]).map((item) => physical(item, type.of))
  if (type.kind !== 'struct') return value
  const record: Record<string, unknown> = {}
  type.fields.forEach((field, index) => {
    record[`f${index}`] = physical((value as Record<string, unknown>)[field.name], field.type)
  })
  return record
}

/** A record as one line, with further columns. */
export function lineOf(value: unknown, type: Type, extra: Record<string, unknown>): string {
  const row: Record<string, unknown> = { ...extra }
  if (type.kind === 'struct' && !type.nullable)
    type.fields.forEach((field, index) => {
      row[`c${index}`] = physical((value as Record<string, unknown>)[field.name], field.type)
    })
  else row.c0 = physical(value, type)
  return `${JSON.stringify(row)}\n`
}

/** A reader of such lines. `files` is the SQL of the file or list of files. */
export function readLines(files: string, type: Type, extra: Readonly<Record<string, string>>): string {
  const columns = [
    ...columnTypes(type).map((column, index) => `c${index}: '${duckdbType(column)}'`),
    ...Object.entries(extra).map(([name, sql]) => `${name}: '${sql}'`),
  ]
  return `read_json(${files}, format = 'newline_delimited', columns = {${columns.join(', ')}}, maximum_object_size = 67108864)`
}
