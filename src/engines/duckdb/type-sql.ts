/**
 * Types in DuckDB's SQL: the column that holds values of a type, and values of one type as values of a wider one.
 *
 * The fields of a struct are `f0, f1, ...` by their place in the type, so the same fields in another order are
 * another layout, although for JavaScript they are the same type.
 */
import type { Type } from '../../schema/type.ts'

/** The physical type of a column of this type. */
export function duckdbType(type: Type): string {
  switch (type.kind) {
    case 'string':
    case 'null':
      return 'VARCHAR'
    case 'number':
      return 'DOUBLE'
    case 'integer':
    case 'timestamp':
      return 'BIGINT'
    case 'boolean':
      return 'BOOLEAN'
    case 'list':
      return `${duckdbType(type.of)}[]`
    case 'struct':
      return `STRUCT(${type.fields.map((field, index) => `f${index} ${duckdbType(field.type)}`).join(', ')})`
    default:
      return type satisfies never
  }
}

/** A value of one type as the same value of a type that holds it (see `join`): integers become doubles. */
export const castTo = (sql: string, from: Type, to: Type): string => cast(sql, from, to, 0)

function cast(sql: string, from: Type, to: Type, depth: number): string {
  if (from.kind === 'null') return `CAST(NULL AS ${duckdbType(to)})`
  if (sameOrder(from, to)) {
    const type = duckdbType(to)
    return type === duckdbType(from) ? sql : `CAST(${sql} AS ${type})`
  }
  // Fields are numbered by their place, so another order of the same fields is another layout.
  const item = `ds_item${depth}`
  if (from.kind === 'list' && to.kind === 'list') {
    return `list_transform(${sql}, lambda ${item}: ${cast(item, from.of, to.of, depth + 1)})`
  }
  if (from.kind !== 'struct' || to.kind !== 'struct') throw new TypeError(`${from.kind} is not a ${to.kind}`)
  const fields = to.fields.map(({ name, type }, index) => {
    const place = from.fields.findIndex((field) => field.name === name)
    return `f${index} := ${cast(`struct_extract(${item}, 'f${place}')`, from.fields[place]!.type, type, depth + 1)}`
  })
  const packed = `struct_pack(${fields.join(', ')})`
  return `list_transform([${sql}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE ${packed} END)[1]`
}

function sameOrder(from: Type, to: Type): boolean {
  if (from.kind === 'list' && to.kind === 'list') return sameOrder(from.of, to.of)
  if (from.kind !== 'struct' || to.kind !== 'struct') return true
  return from.fields.every(({ name, type }, index) => {
    const field = to.fields[index]
    return field?.name === name && sameOrder(type, field.type)
  })
}
