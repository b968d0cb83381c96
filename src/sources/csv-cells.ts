/**
 * What the cells of a CSV record mean.
 *
 * All cells are text and are read strictly: a number by JSON's grammar, a boolean `true` or `false`, a timestamp a
 * number or ISO 8601 text, a list or struct as JSON. The empty cell is null, but the empty string where the field is
 * a string that can't be null. Whatever does not read so stays text, and `conform` then says that it doesn't fit.
 */
import { parse } from 'csv-parse/sync'
import { messageOf } from '../errors.ts'
import { type Conformed, define } from '../schema/conform.ts'
import type { StructType, Type } from '../schema/type.ts'

/** The cells of each record, or why it is none. */
export type Cells = readonly string[] | { readonly reason: string }

const CSV = {
  delimiter: ',',
  quote: '"',
  escape: '"',
  record_delimiter: '\n',
  relax_column_count: true,
} as const

/** Splits records (each without its line end, none blank) into cells. */
export function splitCells(records: readonly string[]): Cells[] {
  if (records.length === 0) return []
  try {
    const rows = parse(records.join('\n'), CSV) as string[][]
    if (rows.length === records.length) return rows
  } catch {
    // one of them is malformed; which one is found below
  }
  return records.map((record) => {
    try {
      const rows = parse(record, CSV) as string[][]
      return rows.length === 1 ? rows[0]! : { reason: 'not one CSV record' }
    } catch (thrown) {
      return { reason: `not CSV: ${messageOf(thrown)}` }
    }
  })
}

/** Reads records of a file whose first record is `header`. */
export class CsvReader {
  readonly #type: StructType
  readonly #width: number
  /** Why no record of the file can be read. */
  readonly #problem: string | undefined
  readonly #columns: readonly number[]

  constructor(header: Cells, type: StructType) {
    this.#type = type
    const names = 'reason' in header ? [] : header
    this.#width = names.length
    this.#columns = type.fields.map((field) => names.indexOf(field.name))
    const twice = type.fields.find((field) => names.indexOf(field.name) !== names.lastIndexOf(field.name))
    if ('reason' in header) this.#problem = `the header line is ${header.reason}`
    else if (twice) this.#problem = `the header names ${twice.name} more than once`
  }

  /** The record that these cells are, not yet held against the schema, or why they are none. */
  read(cells: Cells): Conformed {
    if (this.#problem !== undefined) return { ok: false, reason: this.#problem }
    if ('reason' in cells) return { ok: false, reason: cells.reason }
    if (cells.length !== this.#width) {
      return { ok: false, reason: `${cells.length} cells where the header has ${this.#width}` }
    }
    const record: Record<string, unknown> = {}
    this.#type.fields.forEach((field, index) => {
      const cell = cells[this.#columns[index]!]
      define(record, field.name, cell === undefined ? null : readCell(cell, field.type))
    })
    return { ok: true, value: record }
  }
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

function readCell(cell: string, type: Type): unknown {
  if (cell === '') return type.kind === 'string' && !type.nullable ? '' : null
  switch (type.kind) {
    case 'string':
    case 'null':
      return cell
    case 'number':
    case 'integer':
    case 'timestamp':
      return JSON_NUMBER.test(cell) ? JSON.parse(cell) : cell
    case 'boolean':
      return cell === 'true' ? true : cell === 'false' ? false : cell
    case 'list':
    case 'struct':
      return parsedOrText(cell)
    default:
      return type satisfies never
  }
}

function parsedOrText(cell: string): unknown {
  try {
    return JSON.parse(cell)
  } catch {
    return cell
  }
}
