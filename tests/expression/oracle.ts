/**
 * Both sides of the comparison: rows in DuckDB and the same rows in Node, a function and its compiled SQL.
 *
 * The rows are hostile: every pair of the numbers and many pairs of the strings on which SQL and JavaScript are
 * known to differ meet in some row. A result is compared with `Object.is` all the way down; `undefined` that
 * leaves a function is `null`, as on every engine.
 */
import { createRequire } from 'node:module'
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBListValue,
  type DuckDBStructValue,
} from '@duckdb/node-api'
import { duckdbExpressions, duckdbType, registerFunctions } from '../../src/engines/duckdb/expression-sql.ts'
import { type InputColumns, Parameters } from '../../src/expression/print.ts'
import type { Expression } from '../../src/expression/tree.ts'
import {
  BOOLEAN,
  INTEGER,
  listOf,
  NUMBER,
  nullable,
  numberOf,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
} from '../../src/schema/type.ts'

// The client's decoder drops a U+FEFF at the beginning of every text it reads; these tests need to see it.
const accessors = createRequire(import.meta.url)('@duckdb/node-api/lib/vectors/dataAccessors.js')
accessors.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  0.49999999999999994,
  -0.3,
  1.5,
  -1.5,
  2.5,
  -2.5,
  0.1,
  3,
  1e21,
  1e-7,
  2 ** 52 - 0.5,
  2 ** 53,
  -(2 ** 53),
  1.7976931348623157e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]
const INTEGERS = [
  0,
  1,
  -1,
  2,
  7,
  -7,
  100,
  2 ** 31,
  -(2 ** 31) - 1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
]
const STRINGS = [
  '',
  ' ',
  'a',
  'A',
  'a b',
  'a  b ',
  ' a',
  'ab',
  'aba',
  '\t a\n',
  'a\r\nb',
  '\ufeffa\u00a0',
  '\u3000\u2028',
  'İstanbul',
  'ıI',
  'STRASSE',
  'straße',
  'ΑΣ',
  'ΑΣ Β',
  'ŉ',
  'e\u0301',
  'é',
  '\u{1f600}',
  'a\u{1f600}b',
  '\u{10ffff}',
  '\uffff',
  'a\u0000b',
  'É\u0000É',
  '\ufeffÉ',
  '\u0000',
  '0',
  'null',
  'undefined',
  "'",
  '"',
  '\\',
  '$1',
  '%',
  '_',
  'a,b,,c',
  ',',
  '\u{1d54f}',
  '\u180e',
  '\u0085',
  '12',
  '-0',
  ' 12\n',
  '\u00a01.5\ufeff',
  '0x1F',
  '-0x1F',
  '1e3',
  '.5',
  '5.',
  '12px',
  '1_0',
  '1e400',
  '9007199254740993',
  '0.1000000000000000055511151231257827',
  'Infinity',
  '\u0661',
  'a1 b22  c-3',
  'K\u017f\u212a',
  'x\u2028y\rz',
  'a$b$&c',
  'aXbxa',
  '-0.5',
  '999999999.999999',
  '999999999999999.99999',
  '-7.',
  '100%_',
]
const FAR_TIMES = [
  8.64e15,
  8.64e15 + 1,
  -8.64e15,
  Number.MIN_SAFE_INTEGER,
  253_402_300_799_999,
  253_402_300_800_000,
]
const BOOLEANS = [true, false]

const record: Record<string, { type: Type; values: readonly unknown[] }> = {
  n: { type: numberOf('any'), values: NUMBERS },
  m: { type: numberOf('any'), values: NUMBERS },
  f: { type: NUMBER, values: NUMBERS.filter(Number.isFinite) },
  u: { type: numberOf('infinite'), values: NUMBERS.filter((value) => !Number.isNaN(value)) },
  maybe: { type: nullable(numberOf('any')), values: [null, ...NUMBERS] },
  i: { type: INTEGER, values: INTEGERS },
  j: { type: nullable(INTEGER), values: [null, ...INTEGERS] },
  s: { type: STRING, values: STRINGS },
  t: { type: STRING, values: STRINGS },
  label: { type: nullable(STRING), values: [null, ...STRINGS] },
  flag: { type: BOOLEAN, values: BOOLEANS },
  ok: { type: nullable(BOOLEAN), values: [null, ...BOOLEANS] },
  at: {
    type: TIMESTAMP,
    values: [
      0,
      1_700_000_000_123,
      -1,
      951_782_400_000,
      -62_198_755_200_001,
      -62_135_596_800_000,
      ...FAR_TIMES,
    ],
  },
  words: { type: listOf(STRING), values: [[], ['a'], ['a', 'b', ''], ['\u{1f600}', '\u0000']] },
  tags: { type: nullable(listOf(STRING)), values: [null, [], ['a', 'a']] },
  ids: { type: listOf(INTEGER), values: [[], [0], [1, 2, 7, Number.MAX_SAFE_INTEGER]] },
  user: {
    type: structOf([
      { name: 'name', type: STRING },
      { name: 'age', type: nullable(INTEGER) },
      {
        name: 'home',
        type: nullable(
          structOf([
            { name: 'city', type: nullable(STRING) },
            { name: 'size', type: NUMBER },
          ]),
        ),
      },
    ]),
    values: [
      { name: 'bob', age: 7, home: { city: 'Oslo', size: 1.5 } },
      { name: '', age: null, home: { city: null, size: -0 } },
      { name: '\u{1f600}', age: 0, home: null },
    ],
  },
  boss: {
    type: nullable(
      structOf([
        { name: 'name', type: nullable(STRING) },
        { name: 'level', type: numberOf('any') },
        { name: 'title', type: STRING },
      ]),
    ),
    values: [
      null,
      { name: 'eve', level: 1, title: 'ΑΣ' },
      { name: null, level: Number.NaN, title: '' },
      { name: '', level: -0, title: 'null' },
    ],
  },
  items: {
    type: listOf(
      structOf([
        { name: 'sku', type: STRING },
        { name: 'qty', type: numberOf('any') },
        { name: 'rank', type: NUMBER },
        { name: 'note', type: nullable(STRING) },
        { name: 'ms', type: INTEGER },
      ]),
    ),
    values: [
      [],
      [
        { sku: 'a', qty: 3, rank: 0, note: null, ms: 0 },
        { sku: '', qty: Number.NaN, rank: -0, note: '', ms: 951_782_400_000 },
        { sku: 'b', qty: -0, rank: -1.5, note: ' x', ms: -1 },
        { sku: 'c', qty: 0, rank: 0, note: 'a', ms: 7 },
      ],
      [{ sku: '\u{1f600}', qty: Number.POSITIVE_INFINITY, rank: 2.5, note: 'ΑΣ', ms: 8.64e15 + 1 }],
      [
        { sku: 'a', qty: 2.5, rank: 1, note: '\u{1f600}', ms: 1 },
        { sku: 'a', qty: 2, rank: 1, note: null, ms: 1 },
      ],
    ],
  },
  grid: {
    type: listOf(listOf(numberOf('any'))),
    values: [[], [[]], [[1, -0], [], [Number.NaN, 0.5, 0]], [[-0], [Number.POSITIVE_INFINITY, 1e21]]],
  },
  holes: {
    type: nullable(listOf(nullable(STRING))),
    values: [null, [], [null], ['a', null, '', '\u{1f600}'], ['b', 'a', 'B']],
  },
  rates: {
    type: listOf(nullable(numberOf('any'))),
    values: [[], [null, 0], [-0, Number.NaN, null, 1.5], [0, 2 ** 53, -7, 0.1]],
  },
}

/** The type of the hostile rows. */
export const RECORD = structOf(Object.entries(record).map(([name, { type }]) => ({ name, type })))

/** The hostile rows: all pairs of `n` and `m`; the other fields walk through their values at different strides. */
export const ROWS: readonly Record<string, unknown>[] = Array.from(
  { length: NUMBERS.length ** 2 },
  (_, row) => {
    const fields = Object.entries(record).map(([name, { values }], field) => {
      // Every text meets many others, and every number all others.
      const stride = name === 't' ? row * 17 + Math.floor(row / values.length) : row + field
      const step = name === 'm' ? Math.floor(row / values.length) : stride
      return [name, values[(step + (name === 'm' ? 0 : Math.floor(row / 97))) % values.length]]
    })
    return { ...Object.fromEntries(fields), n: NUMBERS[row % NUMBERS.length] }
  },
)

/** A value as SQL, without any of the code under test: doubles travel as text. */
function valueSql(value: unknown, type: Type, parameters: Parameters): string {
  if (value === null) return `CAST(NULL AS ${duckdbType(type)})`
  switch (type.kind) {
    case 'list':
      return `CAST([${(value as unknown[]).map((item) => valueSql(item, type.of, parameters)).join(', ')}] AS ${duckdbType(type)})`
    case 'struct': {
      const fields = value as Record<string, unknown>
      return `struct_pack(${type.fields.map((field, index) => `f${index} := ${valueSql(fields[field.name], field.type, parameters)}`).join(', ')})`
    }
    case 'string':
      return `${parameters.add(value)}::VARCHAR`
    default:
      return `${parameters.add(Object.is(value, -0) ? '-0' : String(value))}::${duckdbType(type)}`
  }
}

/** A connection that knows the functions of the compiled expressions. */
export async function connect(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  registerFunctions(connection)
  return connection
}

export type Rows = readonly Record<string, unknown>[]

/** The tables of a connection, by the rows they hold; the last few are enough. */
const tables = new WeakMap<DuckDBConnection, Map<Rows, string>>()

/** The name of a table that holds the rows, in their order by `row`. */
async function tableOf(connection: DuckDBConnection, rows: Rows): Promise<string> {
  const known = tables.get(connection) ?? new Map<Rows, string>()
  tables.set(connection, known)
  const existing = known.get(rows)
  if (existing) return existing
  const name = `rows${known.size}`
  known.set(rows, name)
  const columns = RECORD.fields.map(({ type }, index) => `c${index} ${duckdbType(type)}`)
  await connection.run(`CREATE TABLE ${name} ("row" INTEGER, ${columns.join(', ')})`)
  const batch = 32
  for (let from = 0; from < rows.length; from += batch) {
    const parameters = new Parameters()
    const values = rows.slice(from, from + batch).map((row, index) => {
      const fields = RECORD.fields.map(({ name, type }) => valueSql(row[name], type, parameters))
      return `(${from + index}, ${fields.join(', ')})`
    })
    await connection.run(`INSERT INTO ${name} VALUES ${values.join(', ')}`, parameters.values as never)
  }
  return name
}

/** The columns of the table as the first input of a lambda. */
export const INPUT: InputColumns = { kind: 'columns', columns: RECORD.fields.map((_, index) => `c${index}`) }

/** The values of compiled expressions for all rows, in one query: `result[expression][row]`. */
export async function evaluate(
  connection: DuckDBConnection,
  bodies: readonly Expression[],
  inputs: readonly InputColumns[] = [INPUT],
  rows: Rows = ROWS,
): Promise<unknown[][]> {
  const table = await tableOf(connection, rows)
  const parameters = new Parameters()
  const columns = bodies.map(
    (body, index) => `${duckdbExpressions.expression(body, inputs, parameters)} AS r${index}`,
  )
  const sql = `SELECT ${columns.join(', ')} FROM ${table} ORDER BY "row"`
  const reader = await connection.runAndReadAll(sql, parameters.values as never)
  for (const [index, body] of bodies.entries()) {
    const type = String(reader.columnType(index)).replaceAll('"', '')
    if (type !== duckdbType(body.type))
      throw new Error(`column ${index} is ${type}, not ${duckdbType(body.type)}`)
  }
  return reader
    .getColumns()
    .map((column, index) => column.map((value) => fromDuckdb(value, bodies[index]!.type)))
}

function fromDuckdb(value: unknown, type: Type): unknown {
  if (value === null) {
    if (!type.nullable) throw new Error('NULL where the type is not nullable')
    return null
  }
  if (type.kind === 'list') return (value as DuckDBListValue).items.map((item) => fromDuckdb(item, type.of))
  if (type.kind === 'struct') {
    const { entries } = value as DuckDBStructValue
    return Object.fromEntries(
      type.fields.map((field, index) => [field.name, fromDuckdb(entries[`f${index}`], field.type)]),
    )
  }
  return typeof value === 'bigint' ? Number(value) : value
}

/**
 * What differs between JavaScript's result and the dialect's, or `undefined`. An integer column has no -0: where a
 * result is an integer JavaScript must not have made one.
 */
export function difference(expected: unknown, got: unknown): string | undefined {
  const wanted = expected === undefined ? null : expected
  if (Array.isArray(wanted) && Array.isArray(got)) {
    if (wanted.length !== got.length) return `${wanted.length} elements, not ${got.length}`
    return wanted.map((item, index) => difference(item, got[index])).find(Boolean)
  }
  if (wanted && typeof wanted === 'object' && got && typeof got === 'object' && !Array.isArray(wanted)) {
    const names = new Set([...Object.keys(wanted), ...Object.keys(got)])
    const fields = [...names].map((name) => difference((wanted as any)[name], (got as any)[name]))
    return fields.find(Boolean)
  }
  return Object.is(wanted, got) ? undefined : `JavaScript ${show(wanted)}, got ${show(got)}`
}

/** A value in a message, with -0 and control characters visible. */
export const show = (value: unknown): string =>
  Object.is(value, -0)
    ? '-0'
    : typeof value === 'number'
      ? String(value)
      : (JSON.stringify(value) ?? 'undefined')

/** The function that a text of the tests stands for. */
// biome-ignore lint/security/noGlobalEval: the texts are written or generated by these tests
export const functionOf = (text: string): ((...inputs: any[]) => unknown) => globalThis.eval(`(${text}\n)`)
