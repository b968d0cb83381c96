/** The names of parameters and constants: a plain name, or a pattern that takes a record apart. */
import type * as acorn from 'acorn'
import { structOf } from '../schema/type.ts'
import { linkOf, property } from './calls.ts'
import { isDate, isPattern, nameOf } from './inner.ts'
import { narrowed, type Scope } from './narrow.ts'
import { nameOfKey } from './objects.ts'
import { AS_IT_IS, refuse } from './refuse.ts'
import { typeOf, type Value } from './value.ts'

const whyNot = ({ type }: acorn.Pattern): readonly [why: string, cure: string] =>
  type === 'ArrayPattern'
    ? ['an array is not taken apart by a pattern', `use its methods, or ${AS_IT_IS}`]
    : ['only names and { field, field: name } are compiled here', 'use a plain parameter']

/** Gives the names of a parameter or constant their values. */
export function bind(pattern: acorn.Pattern, value: Value, scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.names.set(pattern.name, value)
      return
    case 'AssignmentPattern':
      bind(pattern.left, withoutDefault(pattern, value), scope)
      return
    case 'ObjectPattern':
      bindFields(pattern, value, scope)
      return
    default:
      refuse(pattern, ...whyNot(pattern))
  }
}

/**
 * The value of a name with a default. It is taken for `undefined` only, and a record holds null: then it is never
 * taken, not even for null.
 */
function withoutDefault(pattern: acorn.AssignmentPattern, value: Value): Value {
  if (!value.maybeUndefined) return value
  return refuse(
    pattern,
    'a default stands for `undefined` and not for null, and both are null in a record',
    'leave the default out, and write `??` behind the value',
  )
}

function bindFields({ properties }: acorn.ObjectPattern, value: Value, scope: Scope): void {
  const taken = new Set<string>()
  for (const part of properties) {
    if (part.type === 'RestElement') {
      bind(part.argument, rest(part, value, taken), scope)
      continue
    }
    const name = nameOfKey(part)
    taken.add(name)
    bind(part.value, narrowed(property(part.key, linkOf(value), name, false), scope), scope)
  }
}

/** The fields of a record that the pattern did not take. */
function rest(node: acorn.RestElement, value: Value, taken: ReadonlySet<string>): Value {
  const type = typeOf(value)
  if (type.kind !== 'struct' || type.nullable || isDate(type) || isPattern(type)) {
    return refuse(node, `a ${nameOf(type)} has no fields that are known`, 'name what you take')
  }
  const fields = type.fields.filter(({ name }) => !taken.has(name))
  if (fields.length === 0) refuse(node, 'no field is left, and a record needs one', 'leave it out')
  const values = fields.map(({ name }) => property(node, linkOf(value), name, false).tree)
  return {
    tree: {
      kind: 'struct',
      fields: fields.map(({ name }, index) => ({ name, value: values[index]! })),
      type: structOf(fields),
    },
    maybeUndefined: value.maybeUndefined,
  }
}
