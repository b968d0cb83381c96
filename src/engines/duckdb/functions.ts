/**
 * JavaScript's own functions inside DuckDB, for the values of which SQL has other results.
 *
 * A form calls one only for the rows that need it: the way into JavaScript costs about a hundred times what a
 * comparison does. Texts come behind a dot (see `javascript` in printing.ts). A null operand gives null.
 */
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  VARCHAR,
} from '@duckdb/node-api'
import { OWN_MATH, type OwnMath } from '../../expression/callee.ts'

interface OwnFunction {
  readonly name: string
  /** How many texts it takes, and then how many numbers. */
  readonly texts: number
  readonly numbers: number
  readonly returns: 'text' | 'number'
  readonly call: (...args: never[]) => string | number
}

const text = (
  name: string,
  texts: number,
  numbers: number,
  call: (...args: never[]) => string,
): OwnFunction => ({ name, texts, numbers, returns: 'text', call })

const number = (
  name: string,
  texts: number,
  numbers: number,
  call: (...args: never[]) => number,
): OwnFunction => ({ name, texts, numbers, returns: 'number', call })

const FUNCTIONS: readonly OwnFunction[] = [
  text('lower', 1, 0, (s: string) => s.toLowerCase()),
  text('upper', 1, 0, (s: string) => s.toUpperCase()),
  text('replace', 3, 0, (s: string, from: string, to: string) => s.replace(from, to)),
  text('replace_all', 3, 0, (s: string, from: string, to: string) => s.replaceAll(from, to)),
  number('last_index_of', 2, 0, (s: string, needle: string) => s.lastIndexOf(needle)),
  text('number_text', 0, 1, (x: number) => String(x)),
  text('fixed', 0, 2, (x: number, digits: number) => x.toFixed(digits)),
  text('exponential', 0, 2, (x: number, digits: number) => x.toExponential(digits)),
  text('precision', 0, 2, (x: number, digits: number) => x.toPrecision(digits)),
  text('radix', 0, 2, (x: number, radix: number) => x.toString(radix)),
  number('number', 1, 0, (s: string) => Number(s)),
  number('parse_float', 1, 0, (s: string) => Number.parseFloat(s)),
  number('parse_int', 1, 1, (s: string, radix: number) => Number.parseInt(s, radix)),
  number('int32', 0, 1, (x: number) => x | 0),
  // It is also called for dates that are not valid, where the guard is false: nothing may throw.
  text('iso_date', 0, 1, (ms: number) => new Date(ms).toJSON() ?? ''),
  number('utc', 0, 7, (...parts: number[]) => Date.UTC(...(parts as [number, number]))),
  ...(Object.keys(OWN_MATH) as OwnMath[]).map((name) =>
    number(`math_${name}`, 0, OWN_MATH[name], Math[name] as (...args: number[]) => number),
  ),
]

/**
 * Makes the functions known to DuckDB that expressions call. They hold for the whole database of the connection;
 * registering them again does no harm.
 */
export function registerFunctions(connection: DuckDBConnection): void {
  for (const each of FUNCTIONS) connection.registerScalarFunction(scalar(each))
}

function scalar({ name, texts, numbers, returns, call }: OwnFunction): DuckDBScalarFunction {
  const types: DuckDBType[] = [
    ...Array.from({ length: texts }, () => VARCHAR),
    ...Array.from({ length: numbers }, () => DOUBLE),
  ]
  return DuckDBScalarFunction.create({
    name: `ds_${name}`,
    parameterTypes: types,
    returnType: returns === 'text' ? VARCHAR : DOUBLE,
    mainFunction(_info, chunk, out) {
      const columns = types.map((_, index) => chunk.getColumnVector(index))
      for (let row = 0; row < chunk.rowCount; row++) {
        const args = columns.map((column) => column.getItem(row))
        out.setItem(row, args.includes(null) ? null : call(...(args.map(withoutDot) as never[])))
      }
      out.flush()
    },
  })
}

const withoutDot = (value: unknown): unknown => (typeof value === 'string' ? value.slice(1) : value)
