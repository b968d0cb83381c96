/**
 * Rows as columns: how sinks that write tables (stdout, CSV) see a row.
 *
 * A row that is a struct has its fields as columns; any other row is the one column `value`.
 */
import type { Type } from '../schema/type.ts'

export interface Column {
  readonly name: string
  /** `undefined` after a function that is not compiled. */
  readonly type: Type | undefined
  readonly of: (row: unknown) => unknown
}

const VALUE = 'value'

/** The columns of rows of this type; where the type is not known, what the rows themselves show. */
export function columnsOf(type: Type | undefined, rows: readonly unknown[]): readonly Column[] {
  if (type?.kind === 'struct' && !type.nullable)
    return type.fields.map(({ name, type: of }) => field(name, of))
  if (type || rows.length === 0 || !rows.every(isStruct)) return [{ name: VALUE, type, of: (row) => row }]
  const names = new Set(rows.flatMap((row) => Object.keys(row as object)))
  return [...names].map((name) => field(name, undefined))
}

const field = (name: string, type: Type | undefined): Column => ({
  name,
  type,
  of: (row) => (row as Record<string, unknown>)[name],
})

const isStruct = (row: unknown): boolean => typeof row === 'object' && row !== null && !Array.isArray(row)
