/**
 * The columns of a Parquet file under the names of the fields: the one place where names of the user are in SQL text.
 *
 * They are quoted; a name with characters that DuckDB's parser changes even inside quotes is refused by the sink.
 */
import type { Type } from '../../schema/type.ts'
import { duckdbType } from './expression-sql.ts'

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The type of a column with the names of the fields of its structs. */
function namedType(type: Type): string {
  if (type.kind === 'list') return `${namedType(type.of)}[]`
  if (type.kind !== 'struct') return duckdbType(type)
  return `STRUCT(${type.fields.map((field) => `${quoted(field.name)} ${namedType(field.type)}`).join(', ')})`
}

/** A value with the names of the fields of its structs, which a cast between structs would match by name. */
function named(sql: string, type: Type, depth = 0): string {
  const item = `ds_named${depth}`
  if (type.kind === 'list')
    return `list_transform(${sql}, lambda ${item}: ${named(item, type.of, depth + 1)})`
  if (type.kind !== 'struct') return sql
  const fields = type.fields.map(
    (field, index) =>
      `${quoted(field.name)} := ${named(`struct_extract(${sql}, 'f${index}')`, field.type, depth)}`,
  )
  return `CASE WHEN ${sql} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`
}

export function parquetColumns(type: Type): string {
  if (type.kind !== 'struct' || type.nullable) return `${named('c0', type)}::${namedType(type)} AS value`
  return type.fields
    .map(
      (field, index) =>
        `${named(`c${index}`, field.type)}::${namedType(field.type)} AS ${quoted(field.name)}`,
    )
    .join(', ')
}
