/**
 * Values between DuckDB's vectors and JavaScript, for functions that run inside a query.
 *
 * Whole numbers travel as DOUBLE at the top level, because a BIGINT would be a bigint in JavaScript; inside lists and
 * structs they are converted one by one. Texts come in behind a mark (`readable` in values.ts), for the client drops
 * a byte order mark.
 */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBListValue,
  type DuckDBListVector,
  DuckDBStructValue,
  type DuckDBStructVector,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
  LIST,
  STRUCT,
  VARCHAR,
} from '@duckdb/node-api'
import type { Type } from '../../schema/type.ts'
import { converter } from './values.ts'

/** A value as an argument of a JavaScript function: SQL, from SQL of the type's own column. */
export const asArgument = (sql: string, type: Type): string =>
  isWhole(type) ? `CAST(${sql} AS DOUBLE)` : sql

/** A result of a JavaScript function as the type's own column. */
export const fromResult = (sql: string, type: Type): string =>
  isWhole(type) ? `CAST(${sql} AS BIGINT)` : sql

const isWhole = (type: Type): boolean => type.kind === 'integer' || type.kind === 'timestamp'

/** The type of an argument or result of a JavaScript function. */
export const vectorType = (type: Type): DuckDBType => (isWhole(type) ? DOUBLE : columnType(type))

/** The type of a column of a table. */
export function columnType(type: Type): DuckDBType {
  switch (type.kind) {
    case 'string':
    case 'null':
      return VARCHAR
    case 'number':
      return DOUBLE
    case 'integer':
    case 'timestamp':
      return BIGINT
    case 'boolean':
      return BOOLEAN
    case 'list':
      return LIST(columnType(type.of))
    case 'struct':
      return STRUCT(
        Object.fromEntries(type.fields.map((field, index) => [`f${index}`, columnType(field.type)])),
      )
    default:
      return type satisfies never
  }
}

/** Reads the values of a vector, one per row. */
export function reader(type: Type): (vector: DuckDBVector, row: number) => unknown {
  if (type.kind !== 'list' && type.kind !== 'struct') return (vector, row) => vector.getItem(row)
  const convert = converter(type)
  return (vector, row) => convert(vector.getItem(row))
}

/** Writes the values of a vector, one per row; they must have been held against the type. */
export function writer(type: Type): (vector: DuckDBVector, row: number, value: unknown) => void {
  switch (type.kind) {
    case 'struct': {
      const fields = type.fields.map(({ name, type: of }) => ({ name, write: inside(of) }))
      return (vector, row, value) => {
        const struct = vector as DuckDBStructVector
        if (value === null) {
          struct.setItem(row, null)
          return
        }
        for (let index = 0; index < fields.length; index++) {
          const { name, write } = fields[index]!
          write(struct.entryVectorAt(index), row, (value as Record<string, unknown>)[name])
        }
        // a row of an output vector is valid until it is set to null
      }
    }
    case 'list': {
      const convert = duckdbValue(type)
      return (vector, row, value) =>
        (vector as DuckDBListVector).setItem(row, convert(value) as DuckDBListValue | null)
    }
    default:
      return (vector, row, value) => vector.setItem(row, value as DuckDBValue)
  }
}

/** A writer of a value inside a struct, where whole numbers are BIGINT. */
function inside(type: Type): (vector: DuckDBVector, row: number, value: unknown) => void {
  if (!isWhole(type)) return writer(type)
  return (vector, row, value) => vector.setItem(row, value === null ? null : BigInt(value as number))
}

/** Records as columns, for a table. */
export function columnsOf(rows: readonly unknown[], type: Type): readonly DuckDBValue[][] {
  if (type.kind !== 'struct' || type.nullable) return [rows.map(duckdbValue(type))]
  return type.fields.map((field) => {
    const convert = duckdbValue(field.type)
    return rows.map((row) => convert((row as Record<string, unknown>)[field.name]))
  })
}

/** A value of a type as the client takes it. */
function duckdbValue(type: Type): (value: any) => DuckDBValue {
  switch (type.kind) {
    case 'integer':
    case 'timestamp':
      return (value) => (value === null ? null : BigInt(value))
    case 'list': {
      const item = duckdbValue(type.of)
      return (value) => (value === null ? null : new DuckDBListValue(value.map(item)))
    }
    case 'struct': {
      const fields = type.fields.map(
        (field, index) => [`f${index}`, field.name, duckdbValue(field.type)] as const,
      )
      return (value) =>
        value === null
          ? null
          : new DuckDBStructValue(
              Object.fromEntries(fields.map(([place, name, convert]) => [place, convert(value[name])])),
            )
    }
    default:
      return (value) => value
  }
}
