/** Values from DuckDB to JavaScript, by type. */
import type { DuckDBListValue, DuckDBStructValue } from '@duckdb/node-api'
import { define } from '../../schema/conform.ts'
import type { Type } from '../../schema/type.ts'
import { columnTypes } from './columns-sql.ts'

/** A converter of one column's values. */
export function converter(type: Type): (value: unknown) => unknown {
  switch (type.kind) {
    case 'integer':
    case 'timestamp':
      return (value) => (value === null ? null : Number(value))
    case 'list': {
      const item = converter(type.of)
      return (value) => (value === null ? null : (value as DuckDBListValue).items.map(item))
    }
    case 'struct': {
      const fields = type.fields.map((field) => [field.name, converter(field.type)] as const)
      return (value) => {
        if (value === null) return null
        const { entries } = value as DuckDBStructValue
        const record: Record<string, unknown> = {}
        fields.forEach(([name, convert], index) => {
          define(record, name, convert(entries[`f${index}`]))
        })
        return record
      }
    }
    default:
      return (value) => value
  }
}

/**
 * The columns of a record for a SELECT whose rows are read with `rowsOf`: the client's decoder drops a byte order mark
 * at the beginning of a string, so one more is put before it.
 */
export function readable(type: Type, columns: readonly string[]): readonly string[] {
  return columnTypes(type).map((column, index) => withMark(columns[index]!, column, 0))
}

/** The same of one value of any type. */
export const readableValue = (sql: string, type: Type): string => withMark(sql, type, 0)

function withMark(sql: string, type: Type, depth: number): string {
  if (!holdsString(type)) return sql
  if (type.kind === 'string')
    return `CASE WHEN starts_with(${sql}, chr(65279)) THEN chr(65279) || ${sql} ELSE ${sql} END`
  const item = `ds_read${depth}`
  if (type.kind === 'list')
    return `list_transform(${sql}, lambda ${item}: ${withMark(item, type.of, depth + 1)})`
  if (type.kind !== 'struct') return sql
  const fields = type.fields.map(
    (field, index) => `f${index} := ${withMark(`struct_extract(${sql}, 'f${index}')`, field.type, depth)}`,
  )
  return `CASE WHEN ${sql} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`
}

function holdsString(type: Type): boolean {
  if (type.kind === 'list') return holdsString(type.of)
  if (type.kind === 'struct') return type.fields.some((field) => holdsString(field.type))
  return type.kind === 'string'
}

/** The rows of a chunk of columns. */
export function rowsOf(columns: readonly (readonly unknown[])[], type: Type): unknown[] {
  const converted = columnTypes(type).map((column, index) => {
    const values = columns[index]!
    return isPlain(column) ? values : values.map(converter(column))
  })
  const count = columns[0]?.length ?? 0
  if (type.kind !== 'struct' || type.nullable) return [...converted[0]!]
  const rows: unknown[] = new Array(count)
  for (let row = 0; row < count; row++) {
    const record: Record<string, unknown> = {}
    for (let index = 0; index < type.fields.length; index++)
      define(record, type.fields[index]!.name, converted[index]![row])
    rows[row] = record
  }
  return rows
}

const isPlain = (type: Type): boolean =>
  type.kind === 'string' || type.kind === 'number' || type.kind === 'boolean' || type.kind === 'null'
