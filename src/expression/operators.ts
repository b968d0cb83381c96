/**
 * The typing rules of operators: which operands keep JavaScript's meaning, and what values come out.
 *
 * Numbers are doubles and `null` counts as 0. What each result can be (`NumberRange`) is tracked conservatively,
 * because a dialect guards comparisons only where NaN can occur: a range that is too wide costs a guard, one that
 * is too narrow would be wrong.
 */
import type { Node } from 'acorn'
import {
  BOOLEAN,
  describe,
  isNumeric,
  join,
  type NumberRange,
  nonNull,
  nullable,
  numberOf,
  rangeOf,
  STRING,
  type Type,
  widest,
} from '../schema/type.ts'
import { basic } from './guard.ts'
import { isDate, nameOf } from './inner.ts'
import { AS_IT_IS, refuse } from './refuse.ts'
import { type Arithmetic, type Compare, children, type Expression, type Logical } from './tree.ts'
import {
  defined,
  isNullLiteral,
  NULL_LITERAL,
  numberLiteral,
  stringLiteral,
  typeOf,
  type Value,
} from './value.ts'

/** `!x` by truthiness. */
export function not(value: Value): Value {
  return defined({ kind: 'unary', op: '!', of: value.tree, type: BOOLEAN })
}

/** `-x`; a written number stays a literal. */
export function negate(node: Node, value: Value): Value {
  const { tree } = value
  if (tree.kind === 'literal' && typeof tree.value === 'number') return folded(node, -tree.value)
  const type = numberOf(rangeOf(numeric(node, value, '-')))
  return defined({ kind: 'unary', op: '-', of: tree, type })
}

/**
 * A number computed when compiling. Constants are computed here and not in SQL, because DuckDB takes two
 * expressions that differ only in the constants 0 and -0 for one and the same, and evaluates only one of them.
 */
export function folded(node: Node, value: number): Value {
  if (Object.is(value, -0))
    refuse(node, 'SQL does not tell the constant -0 from 0', `write 0, or ${AS_IT_IS}`)
  return numberLiteral(value)
}

/** `+x` of a number: the same, and 0 for null. */
export function positive(node: Node, value: Value): Value {
  const type = numeric(node, value, '+')
  if (!type.nullable) return value
  return defined({
    kind: 'logical',
    op: '??',
    left: value.tree,
    right: numberLiteral(0).tree,
    type: nonNull(type),
  })
}

/** The type of an operand that has to be a number; null is allowed and counts as 0, undefined would be NaN. */
export function numeric(node: Node, value: Value, where: string): Type {
  const type = typeOf(value)
  if (!isNumeric(type)) {
    refuse(node, `\`${where}\` of a ${nameOf(type)} converts it by rules SQL does not have`, cureOf(type))
  }
  if (value.maybeUndefined)
    refuse(node, '`undefined` counts as NaN here, and null as 0', 'put `?? 0` behind the `?.`')
  return type
}
function cureOf(type: Type): string {
  if (isDate(type)) return 'write `getTime()` behind it'
  return type.kind === 'boolean' ? 'write `(x ? 1 : 0)`' : `use a number, or ${AS_IT_IS}`
}

/** `+ - * / %`; a `+` with a string is concatenation. */
export function arithmetic(node: Node, op: Arithmetic['op'], left: Value, right: Value): Value {
  if (op === '+' && (typeOf(left).kind === 'string' || typeOf(right).kind === 'string')) {
    return template(node, [left, right])
  }
  numeric(node, left, op)
  numeric(node, right, op)
  const [a, b] = [constantOf(left), constantOf(right)]
  if (a !== undefined && b !== undefined) return folded(node, COMPUTE[op](a, b))
  const type = numberOf(rangeOfResult(op, left.tree, right.tree))
  return defined({ kind: 'arithmetic', op, left: left.tree, right: right.tree, type })
}

/** The number a value was written as. */
export const constantOf = ({ tree }: Value): number | undefined =>
  tree.kind === 'literal' && typeof tree.value === 'number' ? tree.value : undefined

const COMPUTE: Readonly<Record<Arithmetic['op'], (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

/** Which values `left op right` can have. Integers are safe integers: their sums and products stay finite. */
function rangeOfResult(op: Arithmetic['op'], left: Expression, right: Expression): NumberRange {
  const range = rangeOf(left.type)
  const integers = left.type.kind !== 'number' && right.type.kind !== 'number'
  if (op === '/' || op === '%') {
    const divisor = right.kind === 'literal' ? right.value : undefined
    if (typeof divisor !== 'number' || divisor === 0 || !Number.isFinite(divisor)) return 'any'
    if (op === '%') return range === 'finite' ? 'finite' : 'any'
    // A divisor below 1 can overflow, infinity stays infinite, and neither makes NaN.
    return range === 'finite' && !integers ? 'infinite' : range
  }
  // Infinity - Infinity and Infinity * 0 are NaN.
  if (widest(range, rangeOf(right.type)) !== 'finite') return 'any'
  return integers ? 'finite' : 'infinite'
}

/** A constant that is joined with itself again and again would soon have more parts than there is memory for. */
const PARTS_MAX = 2_000

/** Text made of parts: a template literal, or `+` with a string. */
export function template(node: Node, values: readonly Value[]): Value {
  const parts: Expression[] = []
  for (const value of values) {
    const { tree } = value
    if (value.maybeUndefined) {
      refuse(node, '`undefined` reads "undefined" here, and null "null"', "put `?? ''` behind the `?.`")
    }
    if (tree.kind === 'template') parts.push(...tree.parts)
    else if (tree.kind === 'literal') {
      if (tree.value !== '') parts.push(stringLiteral(String(tree.value)).tree)
    } else parts.push(textual(node, tree))
    if (parts.length > PARTS_MAX) refuse(node, 'the text is too large', 'split it into two steps')
  }
  return defined({ kind: 'template', parts, type: STRING })
}

/** A part of a text: what has one text in JavaScript. */
function textual(node: Node, tree: Expression): Expression {
  switch (tree.type.kind) {
    case 'string':
    case 'integer':
    case 'timestamp':
    case 'boolean':
    case 'null':
    case 'number':
      return tree
    default:
      return refuse(node, `a ${nameOf(tree.type)} as text is not compiled`, 'name the field to write')
  }
}

/** `< <= > >=` of two numbers or two strings. */
export function compare(node: Node, op: Compare['op'], left: Value, right: Value): Value {
  const trees = { left: left.tree, right: right.tree }
  if (typeOf(left).kind !== 'string' || typeOf(right).kind !== 'string') {
    numeric(node, left, op)
    numeric(node, right, op)
    return defined({ kind: 'compare', op, ...trees, type: BOOLEAN })
  }
  if ([left, right].some((side) => typeOf(side).nullable || side.maybeUndefined)) {
    refuse(node, 'null is compared with a string as if both were numbers', "put `?? ''` behind it")
  }
  // The order of UTF-16 units is that of characters, as long as there is none above U+FFFF.
  const exactIf = basic(node, left.tree, right.tree)
  return defined({ kind: 'compare', op, ...trees, type: BOOLEAN, ...(exactIf.length > 0 && { exactIf }) })
}

/** `=== !==`, and `== !=` with null or between values of one type, where nothing is converted. */
export function same(node: Node, op: '===' | '!==' | '==' | '!=', left: Value, right: Value): Value {
  const loose = op === '==' || op === '!='
  const withNull = isNullLiteral(left) || isNullLiteral(right)
  const [a, b] = [typeOf(left), typeOf(right)]
  if (loose && !withNull && a.kind !== b.kind && !(isNumeric(a) && isNumeric(b))) {
    refuse(node, `\`${op}\` converts its operands`, `write \`${op}=\` between values of one type`)
  }
  // For `==`, undefined is the same as null.
  if (!loose) checkNullness(node, left, right, withNull)
  if (!(loose && withNull)) checkSameness(node, a, b)
  const negated = op === '!==' || op === '!='
  return defined({ kind: 'same', negated, left: left.tree, right: right.tree, type: BOOLEAN })
}

function checkNullness(node: Node, left: Value, right: Value, withNull: boolean): void {
  const nullness = (a: Value, b: Value) => a.maybeUndefined && (typeOf(b).nullable || b.maybeUndefined)
  if (nullness(left, right) || nullness(right, left)) {
    const cure = withNull
      ? 'write `== null` or `!= null`, which is true of both'
      : 'put `?? null` behind the `?.`'
    refuse(node, '`undefined` and `null` are not the same, but both are null in a record', cure)
  }
}

function checkSameness(node: Node, a: Type, b: Type): void {
  if (a.kind === 'null' || b.kind === 'null') return
  if (a.kind !== b.kind && !(isNumeric(a) && isNumeric(b))) {
    refuse(node, `a ${describe(a)} is never the same as a ${describe(b)}`, 'compare values of the same type')
  }
  if (a.kind === 'list' || a.kind === 'struct') {
    refuse(node, 'JavaScript compares whether it is the same object', 'compare the fields or elements')
  }
}

/** `&& || ??` with the value of one of the two. */
export function logical(node: Node, op: Logical['op'], left: Value, right: Value): Value {
  const type = typeOf(left)
  // What the left side gives is not undefined itself, but a field of it may be, if it was made in the lambda.
  const inside = left.maybeUndefined && type.kind === 'struct' && isMade(left.tree)
  const maybeUndefined = right.maybeUndefined || (op === '&&' && left.maybeUndefined) || inside
  if (type.kind === 'null') return op === '&&' ? left : right
  if (op === '&&' && (type.kind === 'list' || type.kind === 'struct')) {
    // Only null is falsy among these, so the left operand's own type never comes out.
    const { tree } = conditional(node, left, right, NULL_LITERAL)
    return { tree, maybeUndefined }
  }
  const kept = op === '&&' ? left.tree : { ...left.tree, type: nonNull(type) }
  const { trees, type: both } = unify(node, [{ ...left, tree: kept }, right], `sides of \`${op}\``)
  const [, other] = trees
  // `unify` may have given `[]` its type; any other left tree stays as it was, with its nulls.
  const first = left.tree.kind === 'list' ? trees[0]! : left.tree
  return { tree: { kind: 'logical', op, left: first, right: other!, type: both }, maybeUndefined }
}

/** Whether a value is or comes out of something that was written in the lambda, and not only read from a record. */
function isMade(tree: Expression, seen: Set<Expression> = new Set()): boolean {
  if (seen.has(tree)) return false
  seen.add(tree)
  return tree.kind === 'struct' || 'hazy' in tree || children(tree).some((child) => isMade(child, seen))
}

/** `test ? then : otherwise`. */
export function conditional(
  node: Node,
  test: Value,
  then: Value,
  otherwise: Value,
  what = 'arms of `? :`',
): Value {
  const { trees, type } = unify(node, [then, otherwise], what)
  const maybeUndefined = then.maybeUndefined || otherwise.maybeUndefined
  const tree: Expression = {
    kind: 'conditional',
    test: test.tree,
    // biome-ignore lint/suspicious/noThenProperty: a node of the tree is never awaited
    then: trees[0]!,
    otherwise: trees[1]!,
    type,
  }
  return { tree, maybeUndefined }
}

/** The trees of values that meet in one place, and the one type that holds them all. */
export function unify(node: Node, values: readonly Value[], what: string) {
  const isEmptyList = (tree: Expression) => tree.kind === 'list' && tree.items.length === 0
  const known = values.filter(({ tree }) => !isEmptyList(tree))
  let type = known[0] ? typeOf(known[0]) : typeOf(values[0]!)
  for (const value of known.slice(1)) type = joined(node, type, typeOf(value), what)
  // `[]` takes the type of the list it meets: `e.ok ? [e.name] : []`.
  const settled = nonNull(type)
  const trees = values.map(({ tree }) =>
    isEmptyList(tree) && settled.kind === 'list' ? { ...tree, type: settled } : tree,
  )
  for (const tree of trees) type = joined(node, type, tree.type, what)
  return { trees, type }
}

function joined(node: Node, a: Type, b: Type, what: string): Type {
  const type = join(a, b)
  if (type) return type
  return refuse(
    node,
    `the ${what} are a ${describe(a)} and a ${describe(b)}, and a column has one type`,
    'make them the same type',
  )
}

/** The type of a part of something that may itself be absent. */
export const orNull = (type: Type, absent: boolean): Type => (absent ? nullable(type) : type)
