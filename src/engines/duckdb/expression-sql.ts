/**
 * Expressions in DuckDB's SQL.
 *
 * Each kind of tree has one form whose value is JavaScript's, bit for bit; where DuckDB differs the form is a
 * guard or a rewrite, and the comment beside it says what differs. The points that come up everywhere:
 *
 *   - Integers and timestamps are BIGINT and become DOUBLE before any arithmetic.
 *   - In DuckDB NaN equals itself and is the largest number. Where a number can be NaN, comparisons are guarded.
 *   - A boolean that is not nullable is never NULL here, so AND, OR and NOT are two-valued.
 *   - Forms that need an operand several times get its text through `once`, so nesting does not multiply it.
 */
import { type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api'
import type { ExpressionDialect, InputColumns, Parameters } from '../../expression/print.ts'
import type {
  Arithmetic,
  Call,
  Compare,
  Expression,
  Literal,
  Logical,
  Property,
  Same,
} from '../../expression/tree.ts'
import { isNumeric, rangeOf, type StructType, type Type } from '../../schema/type.ts'
import { castTo, duckdbType } from './type-sql.ts'

export { castTo, duckdbType }

interface Context {
  readonly inputs: readonly InputColumns[]
  readonly parameters: Parameters
  /** How many names were bound by `once`; each is used once, so that none hides another. */
  names: number
}

/** Prints expressions for DuckDB. The functions of `registerFunctions` must be known to the connection. */
export const duckdbExpressions: ExpressionDialect = {
  expression: (expression, inputs, parameters) => print(expression, { inputs, parameters, names: 0 }),
}

const NAN = "'nan'::DOUBLE"

function print(tree: Expression, context: Context): string {
  switch (tree.kind) {
    case 'input':
      return inputOf(tree.index, tree.type, context)
    case 'literal':
      return literalOf(tree, context)
    case 'property':
      return propertyOf(tree, context)
    case 'unary':
      return tree.op === '!' ? `(NOT ${truth(tree.of, context)})` : `(-${double(tree.of, context)})`
    case 'arithmetic':
      return arithmeticOf(tree, context)
    case 'compare':
      return compareOf(tree, context)
    case 'same':
      return tree.negated ? `(NOT ${sameOf(tree, context)})` : sameOf(tree, context)
    case 'logical':
      return logicalOf(tree, context)
    case 'conditional': {
      const [then, otherwise] = [as(tree.then, tree.type, context), as(tree.otherwise, tree.type, context)]
      return `CASE WHEN ${truth(tree.test, context)} THEN ${then} ELSE ${otherwise} END`
    }
    case 'template':
      return templateOf(tree.parts, context)
    case 'call':
      return callOf(tree, context)
    case 'struct': {
      const fields = tree.fields.map(({ value }, index) => `f${index} := ${print(value, context)}`)
      return `struct_pack(${fields.join(', ')})`
    }
    case 'list': {
      const of = tree.type.kind === 'list' ? tree.type.of : tree.type
      const items = tree.items.map((item) => as(item, of, context))
      return `CAST([${items.join(', ')}] AS ${duckdbType(tree.type)})`
    }
    default:
      return tree satisfies never
  }
}

/** An expression as a value of a wider type. */
const as = (tree: Expression, type: Type, context: Context): string =>
  castTo(print(tree, context), tree.type, type)

/** The longest text that is simply repeated; above it the value is bound to a name. */
const REPEATED_LENGTH_MAX = 200
/**
 * A form that has the text of its operand several times. A long operand is bound as the element of a list of one:
 * DuckDB has no `let`, and repeated text would double with every level of nesting.
 */
function once(sql: string, context: Context, form: (name: string) => string): string {
  if (sql.length <= REPEATED_LENGTH_MAX) return form(sql)
  const name = `ds_value${context.names++}`
  return `list_transform([${sql}], lambda ${name}: ${form(name)})[1]`
}

function inputOf(index: number, type: Type, { inputs }: Context): string {
  const input = inputs[index]!
  if (input.kind === 'value') return input.sql
  if (type.kind !== 'struct') return input.columns[0]!
  return `struct_pack(${input.columns.map((column, place) => `f${place} := ${column}`).join(', ')})`
}

/** Text and numbers are parameters. A double travels as text, which is exact: bound as a number, -0 becomes 0. */
function literalOf({ value, type }: Literal, { parameters }: Context): string {
  if (value === null) return `CAST(NULL AS ${duckdbType(type)})`
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'string') return `${parameters.add(value)}::VARCHAR`
  if (type.kind === 'integer') return `${parameters.add(value)}::BIGINT`
  return `${parameters.add(Object.is(value, -0) ? '-0' : String(value))}::DOUBLE`
}

function propertyOf({ of, name }: Property, context: Context): string {
  const place = (of.type as StructType).fields.findIndex((field) => field.name === name)
  const input = of.kind === 'input' ? context.inputs[of.index]! : undefined
  if (input?.kind === 'columns') return input.columns[place]!
  return `struct_extract(${print(of, context)}, 'f${place}')`
}

/** A number as DOUBLE, null as 0. */
function double(tree: Expression, context: Context): string {
  const sql = tree.type.kind === 'number' ? print(tree, context) : `CAST(${print(tree, context)} AS DOUBLE)`
  return tree.type.nullable ? `coalesce(${sql}, 0::DOUBLE)` : sql
}

/** An integer as BIGINT, null as 0. */
function bigint(tree: Expression, context: Context): string {
  return tree.type.nullable ? `coalesce(${print(tree, context)}, 0::BIGINT)` : print(tree, context)
}

const isInteger = ({ type }: Expression): boolean => type.kind === 'integer' || type.kind === 'timestamp'
const mayBeNaN = ({ type }: Expression): boolean => rangeOf(type) === 'any'

const arithmeticOf = ({ op, left, right }: Arithmetic, context: Context): string =>
  `(${double(left, context)} ${op} ${double(right, context)})`

/**
 * Printed as `low < high`. With NaN the largest number, the result is false by itself where `low` is NaN, unless
 * `high` is too: only a NaN in `high` needs a guard.
 */
function compareOf({ op, left, right }: Compare, context: Context): string {
  const [low, high] = op === '<' || op === '<=' ? [left, right] : [right, left]
  const sign = op === '<' || op === '>' ? '<' : '<='
  const number = isInteger(left) && isInteger(right) ? bigint : double
  if (!mayBeNaN(high)) return `(${number(low, context)} ${sign} ${number(high, context)})`
  return `coalesce(${number(low, context)} ${sign} nullif(${number(high, context)}, ${NAN}), FALSE)`
}

function sameOf({ left, right }: Same, context: Context): string {
  if (left.type.kind === 'null') return `(${print(right, context)} IS NULL)`
  if (right.type.kind === 'null') return `(${print(left, context)} IS NULL)`
  const sameKind = left.type.kind === right.type.kind || (isInteger(left) && isInteger(right))
  const side = (tree: Expression) =>
    isNumeric(tree.type) && !sameKind && isInteger(tree)
      ? `CAST(${print(tree, context)} AS DOUBLE)`
      : print(tree, context)
  const equal = left.type.nullable || right.type.nullable ? 'IS NOT DISTINCT FROM' : '='
  // NaN on one side only is different by itself.
  if (!mayBeNaN(left) || !mayBeNaN(right)) return `(${side(left)} ${equal} ${side(right)})`
  return once(
    side(left),
    context,
    (sql) => `(${sql} ${equal} ${side(right)} AND ${sql} IS DISTINCT FROM ${NAN})`,
  )
}

/** Whether JavaScript takes the value for true; never NULL. */
function truth(tree: Expression, context: Context): string {
  if (tree.kind === 'logical' && tree.op !== '??') {
    return `(${truth(tree.left, context)} ${tree.op === '&&' ? 'AND' : 'OR'} ${truth(tree.right, context)})`
  }
  return truthOf(print(tree, context), tree.type)
}

function truthOf(sql: string, type: Type): string {
  const or = (value: string) => (type.nullable ? `coalesce(${sql}, ${value})` : sql)
  switch (type.kind) {
    case 'boolean':
      return or('FALSE')
    case 'string':
      return `(${or("''")} <> '')`
    case 'integer':
    case 'timestamp':
      return `(${or('0::BIGINT')} <> 0)`
    case 'number':
      return `(${or('0::DOUBLE')} NOT IN (0::DOUBLE, ${NAN}))`
    case 'list':
    case 'struct':
      return `(${sql} IS NOT NULL)`
    case 'null':
      return 'FALSE'
    default:
      return type satisfies never
  }
}

/** `(a op b) op c` is `a op (b op c)` for all three, and in this order no operand is repeated inside another. */
function logicalOf(tree: Logical, context: Context): string {
  const operands: Expression[] = [tree.right]
  let left: Expression = tree.left
  while (left.kind === 'logical' && left.op === tree.op) {
    operands.unshift(left.right)
    left = left.left
  }
  operands.unshift(left)
  if (tree.op === '??') return `coalesce(${operands.map((each) => as(each, tree.type, context)).join(', ')})`
  if (tree.type.kind === 'boolean' && operands.every(({ type }) => !type.nullable))
    return truth(tree, context)
  const last = operands.pop()!
  return operands.reduceRight(
    (rest, each) => {
      return once(print(each, context), context, (sql) => {
        const value = castTo(sql, each.type, tree.type)
        const [then, otherwise] = tree.op === '&&' ? [rest, value] : [value, rest]
        return `CASE WHEN ${truthOf(sql, each.type)} THEN ${then} ELSE ${otherwise} END`
      })
    },
    as(last, tree.type, context),
  )
}

function templateOf(parts: readonly Expression[], context: Context): string {
  const texts = parts.map((part) => {
    if (part.type.kind === 'null') return "'null'"
    const sql =
      part.type.kind === 'string' ? print(part, context) : `CAST(${print(part, context)} AS VARCHAR)`
    return part.type.nullable ? `coalesce(${sql}, 'null')` : sql
  })
  return texts.length === 0 ? "''" : texts.length === 1 ? texts[0]! : `concat(${texts.join(', ')})`
}

/** What `trim` takes away in JavaScript: white space and line ends. As a parameter, for the parser eats some. */
const WHITE_SPACE =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'

function callOf(tree: Call, context: Context): string {
  const { name, args, type } = tree
  const sql = (index: number) => print(args[index]!, context)
  switch (name) {
    case 'split':
      return `string_split(${sql(0)}, ${sql(1)})`
    case 'trim':
      return `trim(${sql(0)}, ${context.parameters.add(WHITE_SPACE)}::VARCHAR)`
    case 'toLowerCase':
      return inCase('lower', sql(0), context)
    case 'toUpperCase':
      return inCase('upper', sql(0), context)
    case 'startsWith':
      return `starts_with(${sql(0)}, ${sql(1)})`
    case 'endsWith':
      return `ends_with(${sql(0)}, ${sql(1)})`
    case 'includes':
      return `${args[0]!.type.kind === 'list' ? 'list_contains' : 'contains'}(${sql(0)}, ${sql(1)})`
    case 'string.length':
      return once(sql(0), context, lengthOf)
    case 'list.length':
      return `len(${sql(0)})`
    default:
      return type.kind === 'integer'
        ? mathOfIntegers(name, args, context)
        : mathOfDoubles(name, args, context)
  }
}

/**
 * DuckDB maps letters one by one and without context; JavaScript's full mapping is the same only for ASCII. The dot
 * is for the way into JavaScript, on which a U+FEFF at the beginning of a text is lost.
 */
const inCase = (which: 'lower' | 'upper', text: string, context: Context): string =>
  once(
    text,
    context,
    (s) => `CASE WHEN strlen(${s}) = length(${s}) THEN ${which}(${s}) ELSE ds_${which}('.' || ${s}) END`,
  )

/** In UTF-16 units: `length` counts code points, and those above U+FFFF count twice. */
const lengthOf = (s: string): string =>
  `(CASE WHEN strlen(${s}) = length(${s}) THEN length(${s}) ` +
  `ELSE length(${s}) + length(regexp_replace(${s}, '[^\\x{10000}-\\x{10FFFF}]', '', 'g')) END)`

type MathName = Extract<Call['name'], `Math.${string}`>

function mathOfIntegers(name: MathName, args: readonly Expression[], context: Context): string {
  const values = args.map((each) => bigint(each, context))
  if (name === 'Math.abs') return `abs(${values[0]})`
  if (values.length > 1) return `${name === 'Math.min' ? 'least' : 'greatest'}(${values.join(', ')})`
  return values[0]!
}

function mathOfDoubles(name: MathName, args: readonly Expression[], context: Context): string {
  const values = args.map((each) => double(each, context))
  const [first] = values
  switch (name) {
    case 'Math.floor':
    case 'Math.ceil':
    case 'Math.trunc':
    case 'Math.abs':
      return `${name.slice('Math.'.length)}(${first})`
    case 'Math.round':
      return once(first!, context, roundOf)
    case 'Math.min':
    case 'Math.max':
      return values.reduce((a, b) =>
        once(a, context, (left) => once(b, context, (right) => extreme(name, left, right))),
      )
    default:
      return name satisfies never
  }
}

/** Half goes up, and what rounds to zero from below is -0. `floor(x + 0.5)` would be wrong near 0.5 and 2^52. */
const roundOf = (x: string): string =>
  `(CASE WHEN ${x} BETWEEN -0.5::DOUBLE AND 0::DOUBLE THEN ceil(${x}) ` +
  `ELSE floor(${x}) + CASE WHEN ${x} - floor(${x}) >= 0.5::DOUBLE THEN 1::DOUBLE ELSE 0::DOUBLE END END)`

/** NaN wins, and -0 is less than 0. `greatest` takes NaN for the largest, and the two zeros for the same. */
function extreme(name: 'Math.min' | 'Math.max', a: string, b: string): string {
  // 0 + -0 is 0 and -0 + -0 is -0: the sum of two zeros is the larger one.
  const zeros = name === 'Math.max' ? `${a} + ${b}` : `-((-${a}) + (-${b}))`
  const other = name === 'Math.max' ? `greatest(${a}, ${b})` : `least(${a}, ${b})`
  return `(CASE WHEN isnan(${a}) OR isnan(${b}) THEN ${NAN} WHEN ${a} = 0 AND ${b} = 0 THEN ${zeros} ELSE ${other} END)`
}

/**
 * Makes the functions known to DuckDB that expressions call: JavaScript's own, run inside the query. They hold for
 * the whole database of the connection; registering them again does no harm.
 */
export function registerFunctions(connection: DuckDBConnection): void {
  connection.registerScalarFunction(ofText('ds_lower', (text) => text.toLowerCase()))
  connection.registerScalarFunction(ofText('ds_upper', (text) => text.toUpperCase()))
}

/** A function of a text that comes behind a dot, see `inCase`. */
function ofText(name: string, call: (text: string) => string): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: [VARCHAR],
    returnType: VARCHAR,
    mainFunction(_info, chunk, out) {
      const texts = chunk.getColumnVector(0)
      for (let row = 0; row < chunk.rowCount; row++) {
        const text = texts.getItem(row)
        out.setItem(row, typeof text === 'string' ? call(text.slice(1)) : null)
      }
      out.flush()
    },
  })
}
