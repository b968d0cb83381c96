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
import type { Callee } from '../../expression/callee.ts'
import type { ExpressionDialect } from '../../expression/print.ts'
import type {
  Arithmetic,
  Compare,
  Expression,
  Literal,
  Logical,
  Property,
  Same,
} from '../../expression/tree.ts'
import { isNumeric, type StructType, type Type } from '../../schema/type.ts'
import { DATE_FORMS, isDate } from './date-sql.ts'
import { registerFunctions } from './functions.ts'
import { MATH_FORMS, NUMBER_FORMS, toText } from './number-sql.ts'
import { bigint, double, type Forms, isInteger, mayBeNaN, NAN, once, type Printing } from './printing.ts'
import { isBasic, REGEX_FORMS, TEXT_FORMS } from './text-sql.ts'
import { castTo, duckdbType } from './type-sql.ts'

export { castTo, duckdbType, registerFunctions }

/** Prints expressions for DuckDB. The functions of `registerFunctions` must be known to the connection. */
export const duckdbExpressions: ExpressionDialect = {
  expression(expression, inputs, parameters) {
    const printing: Printing = { inputs, parameters, names: 0, print: (tree) => print(tree, printing) }
    return printing.print(expression)
  },
}

function print(tree: Expression, printing: Printing): string {
  switch (tree.kind) {
    case 'input':
      return inputOf(tree.index, tree.type, printing)
    case 'literal':
      return literalOf(tree, printing)
    case 'property':
      return propertyOf(tree, printing)
    case 'unary':
      return tree.op === '!' ? `(NOT ${truth(tree.of, printing)})` : `(-${double(tree.of, printing)})`
    case 'arithmetic':
      return arithmeticOf(tree, printing)
    case 'compare':
      return compareOf(tree, printing)
    case 'same':
      return tree.negated ? `(NOT ${sameOf(tree, printing)})` : sameOf(tree, printing)
    case 'logical':
      return logicalOf(tree, printing)
    case 'conditional': {
      const [then, otherwise] = [as(tree.then, tree.type, printing), as(tree.otherwise, tree.type, printing)]
      return `CASE WHEN ${truth(tree.test, printing)} THEN ${then} ELSE ${otherwise} END`
    }
    case 'template':
      return templateOf(tree.parts, printing)
    case 'call':
      return FORMS[tree.name](tree.args, printing, tree)
    case 'struct': {
      const fields = tree.fields.map(({ value }, index) => `f${index} := ${print(value, printing)}`)
      return `struct_pack(${fields.join(', ')})`
    }
    case 'list': {
      const of = tree.type.kind === 'list' ? tree.type.of : tree.type
      const items = tree.items.map((item) => as(item, of, printing))
      return `CAST([${items.join(', ')}] AS ${duckdbType(tree.type)})`
    }
    default:
      return tree satisfies never
  }
}

/** An expression as a value of a wider type. */
const as = (tree: Expression, type: Type, printing: Printing): string =>
  castTo(print(tree, printing), tree.type, type)

function inputOf(index: number, type: Type, { inputs }: Printing): string {
  const input = inputs[index]!
  if (input.kind === 'value') return input.sql
  if (type.kind !== 'struct') return input.columns[0]!
  return `struct_pack(${input.columns.map((column, place) => `f${place} := ${column}`).join(', ')})`
}

/** Text and numbers are parameters. A double travels as text, which is exact: bound as a number, -0 becomes 0. */
function literalOf({ value, type }: Literal, { parameters }: Printing): string {
  if (value === null) return `CAST(NULL AS ${duckdbType(type)})`
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'string') return `${parameters.add(value)}::VARCHAR`
  if (type.kind === 'integer') return `${parameters.add(value)}::BIGINT`
  return `${parameters.add(Object.is(value, -0) ? '-0' : String(value))}::DOUBLE`
}

function propertyOf({ of, name }: Property, printing: Printing): string {
  const place = (of.type as StructType).fields.findIndex((field) => field.name === name)
  const input = of.kind === 'input' ? printing.inputs[of.index]! : undefined
  if (input?.kind === 'columns') return input.columns[place]!
  return `struct_extract(${print(of, printing)}, 'f${place}')`
}

const arithmeticOf = ({ op, left, right }: Arithmetic, printing: Printing): string =>
  `(${double(left, printing)} ${op} ${double(right, printing)})`

/**
 * Printed as `low < high`. With NaN the largest number, the result is false by itself where `low` is NaN, unless
 * `high` is too: only a NaN in `high` needs a guard.
 */
function compareOf({ op, left, right }: Compare, printing: Printing): string {
  if (left.type.kind === 'string') return `(${print(left, printing)} ${op} ${print(right, printing)})`
  const [low, high] = op === '<' || op === '<=' ? [left, right] : [right, left]
  const sign = op === '<' || op === '>' ? '<' : '<='
  const number = isInteger(left) && isInteger(right) ? bigint : double
  if (!mayBeNaN(high)) return `(${number(low, printing)} ${sign} ${number(high, printing)})`
  return `coalesce(${number(low, printing)} ${sign} nullif(${number(high, printing)}, ${NAN}), FALSE)`
}

function sameOf({ left, right }: Same, printing: Printing): string {
  if (left.type.kind === 'null') return `(${print(right, printing)} IS NULL)`
  if (right.type.kind === 'null') return `(${print(left, printing)} IS NULL)`
  const sameKind = left.type.kind === right.type.kind || (isInteger(left) && isInteger(right))
  const side = (tree: Expression) =>
    isNumeric(tree.type) && !sameKind && isInteger(tree)
      ? `CAST(${print(tree, printing)} AS DOUBLE)`
      : print(tree, printing)
  const equal = left.type.nullable || right.type.nullable ? 'IS NOT DISTINCT FROM' : '='
  // NaN on one side only is different by itself.
  if (!mayBeNaN(left) || !mayBeNaN(right)) return `(${side(left)} ${equal} ${side(right)})`
  return once(
    side(left),
    printing,
    (sql) => `(${sql} ${equal} ${side(right)} AND ${sql} IS DISTINCT FROM ${NAN})`,
  )
}

/** Whether JavaScript takes the value for true; never NULL. */
function truth(tree: Expression, printing: Printing): string {
  if (tree.kind === 'logical' && tree.op !== '??') {
    return `(${truth(tree.left, printing)} ${tree.op === '&&' ? 'AND' : 'OR'} ${truth(tree.right, printing)})`
  }
  return truthOf(print(tree, printing), tree.type)
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
function logicalOf(tree: Logical, printing: Printing): string {
  const operands: Expression[] = [tree.right]
  let left: Expression = tree.left
  while (left.kind === 'logical' && left.op === tree.op) {
    operands.unshift(left.right)
    left = left.left
  }
  operands.unshift(left)
  if (tree.op === '??') return `coalesce(${operands.map((each) => as(each, tree.type, printing)).join(', ')})`
  if (tree.type.kind === 'boolean' && operands.every(({ type }) => !type.nullable))
    return truth(tree, printing)
  const last = operands.pop()!
  return operands.reduceRight(
    (rest, each) => {
      return once(print(each, printing), printing, (sql) => {
        const value = castTo(sql, each.type, tree.type)
        const [then, otherwise] = tree.op === '&&' ? [rest, value] : [value, rest]
        return `CASE WHEN ${truthOf(sql, each.type)} THEN ${then} ELSE ${otherwise} END`
      })
    },
    as(last, tree.type, printing),
  )
}

function templateOf(parts: readonly Expression[], printing: Printing): string {
  const texts = parts.map((part) => {
    if (part.type.kind === 'null') return "'null'"
    const sql = part.type.kind === 'string' ? print(part, printing) : toText(part, printing)
    return part.type.nullable ? `coalesce(${sql}, 'null')` : sql
  })
  return texts.length === 0 ? "''" : texts.length === 1 ? texts[0]! : `concat(${texts.join(', ')})`
}

const FORMS: Forms<Callee> = {
  ...TEXT_FORMS,
  ...REGEX_FORMS,
  ...NUMBER_FORMS,
  ...MATH_FORMS,
  ...DATE_FORMS,
  includes: ([of, each], { print }) =>
    `${of!.type.kind === 'list' ? 'list_contains' : 'contains'}(${print(of!)}, ${print(each!)})`,
  'list.concat': (lists, printing, { type }) =>
    lists
      .map((list) => as(list, type, printing))
      .reduceRight((rest, list) => `list_concat(${list}, ${rest})`),
  'list.length': ([of], { print }) => `len(${print(of!)})`,
  isBasic,
  isDate,
}
