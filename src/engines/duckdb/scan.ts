/**
 * How DuckDB's own readers read blocks, where they are proven to read exactly what the reference reads.
 *
 * The reference is sources/decode.ts. A scan either gives its records or raises an error, and the block is then read
 * by the reference instead (blocks.ts):
 *
 * - lines: `read_csv` with a delimiter and a quote that do not occur. It raises an error on invalid UTF-8, the delimiter
 *   in a line and lines over its limit. The rest is seen to here: a CR is left out at the beginning of a file and of
 *   each buffer of the reader, and splits a line after spaces, so `holdsCr` looks for one beforehand; a delimiter at
 *   the end of a line is dropped, so it is drawn such that it does not occur (`drawDelimiter`).
 * - ndjson: `read_json` with every column declared JSON, so that nothing is coerced; each token is then checked in SQL.
 *   It raises an error on duplicate keys, lone surrogates, invalid UTF-8, control characters. What it accepts and
 *   `JSON.parse` does not (a trailing comma, form feed and vertical tab as space) `oddBytes` looks for beforehand.
 */
import { randomInt } from 'node:crypto'
import { createReadStream, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { Type } from '../../schema/type.ts'

/** What an error that a scan raises by itself begins with. */
export const ODD_RECORD = 'dstreams: odd record'
export const BLANK_LINE = 'dstreams: blank line'

/** Control characters that are no white space. */
const CONTROLS = Array.from({ length: 32 }, (_, code) => code).filter(
  (code) => code !== 0 && (code < 9 || code > 13),
)

/**
 * A delimiter that does not occur: no text holds four control characters in a row, and a line of garbage ends with just
 * these four less than once in 400,000 times. DuckDB needs a delimiter, and a longer one is as fast as one character.
 */
export const drawDelimiter = (): string =>
  String.fromCharCode(...Array.from({ length: 4 }, () => CONTROLS[randomInt(CONTROLS.length)]!))

/** So that a file of a few megabytes is read by all cores: a reader's thread takes one buffer at a time. */
const BUFFER_BYTES = 4_000_000
/** Longer lines are read by the reference; said so that it does not depend on the buffer. */
const LINE_BYTES = 2_000_000

/** Most characters that a field name may have to stand in SQL text; other names are read by the reference. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/

/** Whether records of this type can be read by a fast scan at all. */
export function isScannable(format: string, type: Type): boolean {
  if (format === 'lines') return true
  if (format !== 'ndjson' || type.kind !== 'struct' || type.nullable) return false
  const names = new Set(type.fields.map((field) => field.name.toLowerCase()))
  if (names.size < type.fields.length) return false
  return type.fields.every((field) => PLAIN_NAME.test(field.name) && isPlainScalar(field.type))
}

const isPlainScalar = (type: Type): boolean =>
  type.kind === 'string' ||
  type.kind === 'number' ||
  type.kind === 'integer' ||
  type.kind === 'boolean' ||
  (type.kind === 'timestamp' && type.unit === 'ms')

export interface ScanOptions {
  /** SQL of the list of files. */
  readonly files: string
  /** SQL of a string that does not occur: a parameter. */
  readonly delimiter: string
  /** Whether the column `FILE_COLUMN` is wanted. */
  readonly filename: boolean
  /** Whether a blank line is an error instead of being left out, so that the rows of the scan are the records. */
  readonly noBlanks: boolean
  readonly gzip: boolean
  /** Whether it is all that the statement reads: then small buffers let all cores take part. */
  readonly alone: boolean
}

/** The column of a scan that holds the file; no field that is scanned can have this name. */
export const FILE_COLUMN = '"#file"'

/** Nothing is taken from a path: no compression from its end, no column from a `name=value` in it. */
const fileOptions = (filename: boolean, gzip: boolean): string =>
  `, compression = '${gzip ? 'gzip' : 'uncompressed'}', hive_partitioning = false${filename ? ", filename = '#file'" : ''}`

/** A SELECT of the records with columns c0, c1, ... (and the file). */
export function scan(format: 'lines' | 'ndjson', type: Type, options: ScanOptions): string {
  return format === 'lines' ? scanLines(options) : scanNdjson(type, options)
}

function scanLines({ files, delimiter, filename, noBlanks, gzip, alone }: ScanOptions): string {
  const reader =
    `read_csv(${files}, delim = ${delimiter}, quote = '', escape = '', header = false, auto_detect = false, new_line = '\\n', ` +
    `columns = {'line': 'VARCHAR'}, max_line_size = ${LINE_BYTES}${alone ? `, buffer_size = ${BUFFER_BYTES}` : ''}${fileOptions(filename, gzip)})`
  const extra = filename ? `, ${FILE_COLUMN}` : ''
  const checked = noBlanks ? `CASE WHEN line IS NULL THEN error('${BLANK_LINE}') ELSE line END` : 'line'
  // in the condition too, since a column that nobody asks for is not computed; and in the column, since a later
  // condition may be evaluated before this one
  return `SELECT ${checked} AS c0${extra} FROM ${reader} WHERE ${checked} IS NOT NULL`
}

function scanNdjson(type: Type, { files, filename, gzip }: ScanOptions): string {
  const fields = type.kind === 'struct' ? type.fields : []
  const columns = fields.map((field) => `'${field.name}': 'JSON'`).join(', ')
  const reader =
    `read_json(${files}, format = 'newline_delimited', columns = {${columns}}, maximum_object_size = 16777216` +
    `${fileOptions(filename, gzip)})`
  const raw = fields.map(
    (field, index) =>
      `"${field.name}"::VARCHAR AS t${index}${castOf(field.type, `"${field.name}"::VARCHAR`, index)}`,
  )
  const checks = fields.map((field, index) => checkOf(field.type, index))
  if (fields.every((field) => field.type.nullable))
    checks.push(`(${fields.map((_, index) => `t${index} IS NOT NULL`).join(' OR ')})`)
  const values = fields.map((field, index) => `${typedValue(field.type, index)} AS c${index}`)
  const extra = filename ? `, ${FILE_COLUMN}` : ''
  return (
    `SELECT ${values.join(', ')}${extra} FROM (SELECT ${raw.join(', ')}${extra} FROM ${reader}) ` +
    `WHERE CASE WHEN ${checks.join(' AND ')} THEN true ELSE error('${ODD_RECORD}') END`
  )
}

/** The number in a token, as a further column `n`. */
const castOf = (type: Type, text: string, index: number): string =>
  type.kind === 'string' || type.kind === 'boolean' ? '' : `, try_cast(${text} AS DOUBLE) AS n${index}`

/** Whether a token is plainly a value of the type. A token is JSON text as DuckDB writes it again. */
function checkOf(type: Type, index: number): string {
  const [t, n] = [`t${index}`, `n${index}`]
  const check = {
    // without a backslash the value is the text between the quotes
    string: `starts_with(${t}, '"') AND NOT contains(${t}, '\\')`,
    number: `abs(${n}) < 'inf'::DOUBLE`,
    integer: `${n} = trunc(${n}) AND abs(${n}) <= 9007199254740991`,
    timestamp: `${n} = trunc(${n}) AND abs(${n}) <= 9007199254740991`,
    boolean: `${t} IN ('true', 'false')`,
  }[type.kind as 'string' | 'number' | 'integer' | 'timestamp' | 'boolean']
  // a comparison with null is null, which CASE takes for not true
  return type.nullable ? `(${t} IS NULL OR ${check})` : check
}

function typedValue(type: Type, index: number): string {
  switch (type.kind) {
    case 'string':
      return `t${index}[2:-2]`
    case 'number':
      // -0 is 0, as conform() says
      return `(n${index} + 0.0::DOUBLE)`
    case 'boolean':
      return `(t${index} = 'true')`
    default:
      return `n${index}::BIGINT`
  }
}

// a comma before the end of an object or list, a byte that only DuckDB takes for white space, NaN and the infinities
const ODD = /,[ \t\r]*[}\]]|[\v\f]|[:[,][ \t\r]*[-+]?(?:nan|inf(?:inity)?)[ \t\r]*[,}\]]/i
const PIECE_BYTES = 1 << 22

/** Whether a file may hold what DuckDB's reader accepts and JSON.parse does not. It may err on the side of yes. */
export async function hasOddBytes(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES)
    let kept = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, kept, PIECE_BYTES - kept)
      const filled = kept + bytesRead
      if (ODD.test(buffer.toString('latin1', 0, filled))) return true
      // what is cut off at the end DuckDB leaves out without a word
      if (bytesRead === 0) return !isWholeRecord(buffer.toString('utf8', 0, filled))
      // what follows the last line break is looked at again with the next piece
      const end = buffer.lastIndexOf(10, filled - 1)
      if (end < 0 && filled === PIECE_BYTES) return true
      kept = filled - (end + 1)
      buffer.copyWithin(0, end + 1, filled)
    }
  } finally {
    await file.close()
  }
}

function isWholeRecord(line: string): boolean {
  try {
    return line.trim() === '' || typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}

const CR = 13
const LOOK_BYTES = 1 << 18

/** Whether a file, once unpacked, holds a carriage return. */
export async function holdsCr(path: string, gzip: boolean): Promise<boolean> {
  if (gzip) return unpackedHoldsCr(path)
  const file = await open(path, 'r')
  try {
    // small, so that it stays in the processor's cache between reading and looking
    const buffer = Buffer.allocUnsafe(LOOK_BYTES)
    for (;;) {
      const bytesRead = readSync(file.fd, buffer, 0, LOOK_BYTES, null)
      if (bytesRead === 0) return false
      if (buffer.subarray(0, bytesRead).includes(CR)) return true
    }
  } finally {
    await file.close()
  }
}

async function unpackedHoldsCr(path: string): Promise<boolean> {
  const file = createReadStream(path)
  const content = file.pipe(createGunzip({ chunkSize: LOOK_BYTES }))
  file.on('error', (error) => content.destroy(error))
  try {
    for await (const piece of content) if ((piece as Buffer).includes(CR)) return true
    return false
  } finally {
    file.destroy()
  }
}
