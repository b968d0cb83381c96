/** Values that are known when compiling, as trees of literals; a dialect prints them as parameters of the query. */
import type { Node } from 'acorn'
import { listOf, NULL, structOf } from '../schema/type.ts'
import { folded, unify } from './operators.ts'
import { refuse } from './refuse.ts'
import {
  booleanLiteral,
  defined,
  NULL_LITERAL,
  numberLiteral,
  stringLiteral,
  typeOf,
  UNDEFINED,
  type Value,
} from './value.ts'

/** A constant of the program as a value: texts, numbers, truths, null, and lists and records of these. */
export function constantValue(node: Node, value: unknown): Value {
  if (value === null) return NULL_LITERAL
  switch (typeof value) {
    case 'undefined':
      return UNDEFINED
    case 'string':
      if (!value.isWellFormed()) refuse(node, 'half of a surrogate pair is no text outside JavaScript')
      return stringLiteral(value)
    case 'number':
      return Object.is(value, -0) ? folded(node, value) : numberLiteral(value)
    case 'boolean':
      return booleanLiteral(value)
    case 'object':
      return Array.isArray(value) ? listValue(node, value) : recordValue(node, value)
    default:
      return refuse(node, `a ${typeof value} is not a value of a record`)
  }
}

function listValue(node: Node, items: readonly unknown[]): Value {
  const values = items.map((item) => constantValue(node, item))
  if (values.length === 0) return defined({ kind: 'list', items: [], type: listOf(NULL) })
  const { trees, type } = unify(node, values, 'elements of an array')
  return defined({ kind: 'list', items: trees, type: listOf(type) })
}

function recordValue(node: Node, record: object): Value {
  const fields = Object.entries(record).map(([name, part]) => ({ name, value: constantValue(node, part) }))
  return defined({
    kind: 'struct',
    fields: fields.map(({ name, value }) => ({ name, value: value.tree })),
    type: structOf(fields.map(({ name, value }) => ({ name, type: typeOf(value) }))),
  })
}

/** The last argument of a function, of which compiling knows the constants only. */
export function contextValue(node: Node, params: Readonly<Record<string, unknown>>): Value {
  const constants = recordValue(node, params).tree
  return defined({
    kind: 'struct',
    fields: [{ name: 'params', value: constants }],
    type: structOf([{ name: 'params', type: constants.type }]),
    isContext: true,
  })
}
