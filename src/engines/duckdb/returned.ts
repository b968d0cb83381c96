/**
 * How what a function returned travels to DuckDB: so that NULL can say that there is no value, and fast.
 *
 *   plain     a value that is never null, as it is; whole numbers as DOUBLE
 *   wrapped   a value that may be null, in a list of one
 *   texts     a list of texts as one text, which DuckDB takes apart on all cores: handing it over element by element
 *             is what costs most in a flatMap to words
 */
import { type DuckDBType, type DuckDBVector, VARCHAR } from '@duckdb/node-api'
import { listOf, type Type } from '../../schema/type.ts'
import { fromResult, vectorType, writer } from './vectors.ts'

const isTexts = (type: Type): boolean =>
  type.kind === 'list' && !type.nullable && type.of.kind === 'string' && !type.of.nullable

/** The type of the column in which values of a type travel. */
export const returnedType = (type: Type): DuckDBType =>
  isTexts(type) ? VARCHAR : vectorType(type.nullable ? listOf(type) : type)

/** Writes what a function returned; `undefined` where there is no value. */
export function returnedWriter(type: Type): (vector: DuckDBVector, row: number, value: unknown) => void {
  if (isTexts(type))
    return (vector, row, value) =>
      vector.setItem(row, value === undefined ? null : joined(value as readonly string[]))
  if (!type.nullable) {
    const write = writer(type)
    return (vector, row, value) => write(vector, row, value === undefined ? null : value)
  }
  const write = writer(listOf(type))
  return (vector, row, value) => write(vector, row, value === undefined ? null : [value])
}

/** The value that a function returned, from its column; the column's text may be repeated. */
export function returnedValue(column: string, type: Type): string {
  if (isTexts(type)) return split(column)
  return type.nullable ? `${column}[1]` : fromResult(column, type)
}

// ---- lists of texts: joined by a separator, or, where that would be ambiguous, behind a mark with escapes

const SEPARATOR = '\u001f'
const ESCAPE = '\u001e'
const NONE = ESCAPE + ESCAPE

function joined(texts: readonly string[]): string {
  if (texts.length === 0) return NONE
  if (!texts[0]!.startsWith(ESCAPE) && !texts.some((text) => text.includes(SEPARATOR)))
    return texts.join(SEPARATOR)
  const escaped = texts.map((text) =>
    text.replaceAll(ESCAPE, `${ESCAPE}0`).replaceAll(SEPARATOR, `${ESCAPE}1`),
  )
  return ESCAPE + escaped.join(SEPARATOR)
}

function split(column: string): string {
  const [separator, mark] = ['chr(31)', 'chr(30)']
  const item = `replace(replace(ds_text, ${mark} || '1', ${separator}), ${mark} || '0', ${mark})`
  const escaped = `list_transform(string_split(substring(${column}, 2), ${separator}), lambda ds_text: ${item})`
  return (
    `CASE WHEN NOT starts_with(${column}, ${mark}) THEN string_split(${column}, ${separator}) ` +
    `WHEN ${column} = ${mark} || ${mark} THEN [] ELSE ${escaped} END`
  )
}
