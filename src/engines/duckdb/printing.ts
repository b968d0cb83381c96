/** What the printers of expressions share: the state of one printing, and the forms of operands. */
import type { Callee } from '../../expression/callee.ts'
import type { InputColumns, Parameters } from '../../expression/print.ts'
import type { Call, Expression } from '../../expression/tree.ts'
import { rangeOf } from '../../schema/type.ts'

export interface Printing {
  readonly inputs: readonly InputColumns[]
  readonly parameters: Parameters
  /** Prints a part. */
  readonly print: (tree: Expression) => string
  /** How many names were bound by `once`; each is used once, so that none hides another. */
  names: number
  /** The SQL of the variables of inner functions, by their ids. */
  readonly variables: Map<number, string>
}

/** How a call is printed. */
export type Form = (args: readonly Expression[], printing: Printing, call: Call) => string
/** The forms of some of the functions that can be called. */
export type Forms<Name extends Callee> = Readonly<Record<Name, Form>>

export const NAN = "'nan'::DOUBLE"

/** The longest text that is simply repeated; above it the value is bound to a name. */
const REPEATED_LENGTH_MAX = 200
/**
 * A form that has the text of its operand several times. A long operand is bound as the element of a list of one:
 * DuckDB has no `let`, and repeated text would double with every level of nesting.
 */
export function once(sql: string, printing: Printing, form: (name: string) => string): string {
  if (sql.length <= REPEATED_LENGTH_MAX) return form(sql)
  const name = `ds_value${printing.names++}`
  return `list_transform([${sql}], lambda ${name}: ${form(name)})[1]`
}

/** A form that has the texts of its operands several times. */
export function onceEach(
  sqls: readonly string[],
  printing: Printing,
  form: (...names: string[]) => string,
): string {
  const [first, ...others] = sqls
  if (first === undefined) return form()
  return once(first, printing, (name) => onceEach(others, printing, (...names) => form(name, ...names)))
}

/** A number as DOUBLE, null as 0. */
export function double(tree: Expression, printing: Printing): string {
  const sql = doubleOrNull(tree, printing)
  return tree.type.nullable ? `coalesce(${sql}, 0::DOUBLE)` : sql
}

/** A number as DOUBLE. */
export const doubleOrNull = (tree: Expression, { print }: Printing): string =>
  tree.type.kind === 'number' ? print(tree) : `CAST(${print(tree)} AS DOUBLE)`

/** An integer as BIGINT, null as 0. */
export const bigint = (tree: Expression, { print }: Printing): string =>
  tree.type.nullable ? `coalesce(${print(tree)}, 0::BIGINT)` : print(tree)

export const isInteger = ({ type }: Expression): boolean =>
  type.kind === 'integer' || type.kind === 'timestamp'
export const mayBeNaN = ({ type }: Expression): boolean => rangeOf(type) === 'any'

/** The number of a literal, or `undefined`. */
export const numberOf = (tree: Expression | undefined): number | undefined =>
  tree?.kind === 'literal' && typeof tree.value === 'number' ? tree.value : undefined

/** The text of a literal, or `undefined`. */
export const textOf = (tree: Expression | undefined): string | undefined =>
  tree?.kind === 'literal' && typeof tree.value === 'string' ? tree.value : undefined

/**
 * A call of a function of `functions.ts`. Texts go into JavaScript behind a dot, for on that way a U+FEFF at the
 * beginning of a text is lost.
 */
export const javascript = (
  name: string,
  texts: readonly string[],
  numbers: readonly (string | number)[] = [],
): string => `ds_${name}(${[...texts.map((text) => `'.' || ${text}`), ...numbers].join(', ')})`

/** Whether a text is ASCII, by the fastest test there is. */
export const isAscii = (s: string): string => `strlen(${s}) = length(${s})`
