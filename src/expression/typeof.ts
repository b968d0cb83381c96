/**
 * `typeof`: the type of a value is known but for null, so it is a constant or asks for null. Null is an 'object', and
 * `undefined` is not, so where both may be only questions are compiled to which they give the same answer.
 */
import type * as acorn from 'acorn'
import type { Type } from '../schema/type.ts'
import { conditional, not, same } from './operators.ts'
import { refuse } from './refuse.ts'
import { booleanLiteral, NULL_LITERAL, stringLiteral, typeOf, type Value } from './value.ts'

/** `typeof value` */
export function typeofOf(node: acorn.Node, value: Value): Value {
  const type = typeOf(value)
  const name = stringLiteral(nameOf(type))
  if (!type.nullable) return name
  if (value.maybeUndefined) return refuse(node, ...NULL_OR_UNDEFINED)
  return conditional(node, isNull(node, value), stringLiteral('object'), name)
}

/** `typeof value === name` */
export function isTypeof(node: acorn.Node, value: Value, name: string): Value {
  const type = typeOf(value)
  const isOwn = nameOf(type) === name
  if (!type.nullable) return booleanLiteral(isOwn)
  const isObject = nameOf(type) === 'object'
  if (value.maybeUndefined && (name === 'object' || name === 'undefined')) refuse(node, ...NULL_OR_UNDEFINED)
  if (isOwn) return isObject ? booleanLiteral(true) : not(isNull(node, value))
  return name === 'object' ? isNull(node, value) : booleanLiteral(false)
}

const NULL_OR_UNDEFINED = [
  'the type of `undefined` is not that of null, and both are null in a record',
  'write `== null` or `!= null`',
] as const

const isNull = (node: acorn.Node, value: Value): Value => same(node, '==', value, NULL_LITERAL)

function nameOf({ kind }: Type): string {
  switch (kind) {
    case 'string':
    case 'boolean':
      return kind
    case 'number':
    case 'integer':
    case 'timestamp':
      return 'number'
    case 'list':
    case 'struct':
    case 'null':
      return 'object'
    default:
      return kind satisfies never
  }
}

/** What a comparison asks the type of, and for which name, if it is `typeof x === 'name'` or the like. */
export function typeofAsked(node: acorn.BinaryExpression) {
  const { left, right, operator } = node
  if (!['===', '!==', '==', '!='].includes(operator)) return undefined
  const [asked, name] = left.type === 'Literal' ? [right, left] : [left, right]
  if (asked.type !== 'UnaryExpression' || asked.operator !== 'typeof') return undefined
  if (name.type !== 'Literal' || typeof name.value !== 'string') return undefined
  return { of: asked.argument, name: name.value, negated: operator.startsWith('!') }
}
