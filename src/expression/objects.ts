/** Objects that are written out, and destructuring. */
import type * as acorn from 'acorn'
import { nonNull, structOf } from '../schema/type.ts'
import { linkOf, property } from './calls.ts'
import { isDate, isPattern } from './inner.ts'
import type { Scope } from './narrow.ts'
import { ON_MEMORY, refuse } from './refuse.ts'
import { typeOf, type Value } from './value.ts'

/** Lowers a part; the syntax's own rules are in lower.ts. */
type Lower = (node: acorn.Expression, scope: Scope) => Value

/** `{ ...e, user: e.user }`: a field keeps the place in which it came first, and has the value that came last. */
export function objectOf(node: acorn.ObjectExpression, scope: Scope, lower: Lower): Value {
  const fields = new Map<string, Value>()
  for (const part of node.properties) {
    if (part.type === 'SpreadElement') {
      for (const [name, value] of spreadFields(part, lower(part.argument, scope))) fields.set(name, value)
      continue
    }
    if (part.kind !== 'init' || part.method) refuse(part, 'a method is not a value of a record')
    const name = nameOf(part)
    if (name === '__proto__' && !part.shorthand && !part.computed)
      refuse(part, '`__proto__:` sets the prototype', 'use another name')
    fields.set(name, lower(part.value, scope))
  }
  if (fields.size === 0) refuse(node, 'a record without fields can not be stored', 'give it a field')
  const entries = [...fields].map(([name, value]) => ({ name, value }))
  return {
    tree: {
      kind: 'struct',
      fields: entries.map(({ name, value }) => ({ name, value: value.tree })),
      type: structOf(entries.map(({ name, value }) => ({ name, type: typeOf(value) }))),
    },
    maybeUndefined: entries.some(({ value }) => value.maybeUndefined),
  }
}

/** The fields that a spread copies. */
function spreadFields(node: acorn.SpreadElement, value: Value): readonly (readonly [string, Value])[] {
  const type = typeOf(value)
  const struct = nonNull(type)
  if (struct.kind !== 'struct' || isDate(struct) || isPattern(struct))
    return refuse(node, 'only a record is spread into a record', `name the fields, or ${ON_MEMORY}`)
  if (type.nullable || value.maybeUndefined)
    refuse(node, 'it may be null, and then it has no fields', 'test it before: `x ? { ...x } : ...`')
  return struct.fields.map(({ name }) => [name, property(node, linkOf(value), name, false)] as const)
}

/** The name of a field, written as a name, a literal, or a literal in brackets. */
function nameOf({ key, computed }: acorn.Property | acorn.AssignmentProperty): string {
  if (!computed && key.type === 'Identifier') return key.name
  if (key.type === 'Literal' && (!computed || typeof key.value === 'string')) return String(key.value)
  return refuse(key, 'a computed name is not compiled', 'write the name of the field')
}

/** Gives the names of a parameter or constant their values. */
export function bind(pattern: acorn.Pattern, value: Value, scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.names.set(pattern.name, value)
      return
    case 'AssignmentPattern':
      // a record holds null and never undefined, so a default of one of its fields is never taken
      if (value.maybeUndefined)
        refuse(
          pattern,
          'the default is taken for undefined and not for null, and both are null in a record',
          'write `x ?? value` where it is used',
        )
      bind(pattern.left, value, scope)
      return
    case 'ObjectPattern':
      for (const part of pattern.properties) {
        if (part.type === 'RestElement')
          refuse(part, 'the rest of a record is not compiled', 'name the fields')
        bind(part.value, property(part.key, linkOf(value), nameOf(part), false), scope)
      }
      return
    default:
      refuse(pattern, 'only names and { field, field: name } are compiled here', 'use a plain parameter')
  }
}
