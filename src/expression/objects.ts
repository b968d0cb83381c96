/**
 * Objects and arrays that are written down, with what is spread into them.
 *
 * A spread struct is its fields, one by one. The order of fields is JavaScript's: a field keeps its first place and has
 * its last value.
 */
import type * as acorn from 'acorn'
import { listOf, NULL, structOf } from '../schema/type.ts'
import { linkOf, property } from './calls.ts'
import { isDate, isPattern, nameOf } from './inner.ts'
import { discard, type Lower, narrowed, type Scope } from './narrow.ts'
import { unify } from './operators.ts'
import { refuse } from './refuse.ts'
import { defined, isNullLiteral, typeOf, type Value } from './value.ts'

/** `{ a: 1, b, ...e }` */
export function objectOf(node: acorn.ObjectExpression, scope: Scope, lower: Lower): Value {
  const fields = new Map<string, Value>()
  const set = (name: string, value: Value) => {
    const before = fields.get(name)
    if (before) discard(before, scope)
    fields.set(name, value)
  }
  for (const part of node.properties) {
    if (part.type === 'SpreadElement') {
      for (const [name, value] of spreadFields(part, lower(part.argument, scope), scope)) set(name, value)
      continue
    }
    if (part.kind !== 'init' || part.method) refuse(part, 'a method is not a value of a record')
    const name = nameOfKey(part)
    if (name === '__proto__' && !part.shorthand && !part.computed)
      refuse(part, '`__proto__:` sets the prototype', 'use another name')
    set(name, lower(part.value, scope))
  }
  if (fields.size === 0) refuse(node, 'a record without fields can not be stored', 'give it a field')
  const ordered = [...fields].sort(([a], [b]) => placeOf(a) - placeOf(b))
  return {
    tree: {
      kind: 'struct',
      fields: ordered.map(([name, { tree }]) => ({ name, value: tree })),
      type: structOf(ordered.map(([name, value]) => ({ name, type: typeOf(value) }))),
    },
    maybeUndefined: ordered.some(([, value]) => value.maybeUndefined),
  }
}

/** Where JavaScript puts a field: names that are indexes come first, in their order, then all others as they came. */
const placeOf = (name: string): number =>
  /^(0|[1-9]\d{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1 ? Number(name) : Number.MAX_SAFE_INTEGER

/** The fields of a spread value. */
function spreadFields(
  node: acorn.SpreadElement,
  value: Value,
  scope: Scope,
): readonly (readonly [name: string, value: Value])[] {
  const type = typeOf(value)
  if (isNullLiteral(value)) return []
  if (type.kind !== 'struct' || isDate(type) || isPattern(type)) {
    return refuse(
      node,
      `a ${nameOf(type)} has no fields that are known`,
      'spread a record, or name the fields',
    )
  }
  if (type.nullable) {
    const why = 'it may be null, which has no fields, and then the result has another type'
    refuse(node, why, 'test it before: `e.a ? { ...e.a } : null`')
  }
  if (type.fields.some(({ name }) => name === '__proto__'))
    refuse(node, 'a field named `__proto__` is not copied by every way to spread', 'name the fields')
  const { tree } = value
  if (tree.kind === 'struct') {
    return tree.fields.map(({ name, value: of }) => [
      name,
      { tree: of, maybeUndefined: value.maybeUndefined },
    ])
  }
  return type.fields.map(({ name }) => [name, narrowed(property(node, linkOf(value), name, false), scope)])
}

/** The name a key stands for; in brackets it has to be a literal. */
export function nameOfKey({ key, computed }: acorn.Property | acorn.AssignmentProperty): string {
  if (!computed && key.type === 'Identifier') return key.name
  if (key.type === 'Literal' && (!computed || typeof key.value === 'string' || typeof key.value === 'number'))
    return String(key.value)
  if (key.type === 'TemplateLiteral' && key.expressions.length === 0) return key.quasis[0]!.value.cooked ?? ''
  return refuse(key, 'a computed name is not compiled', 'write the name of the field')
}

/** `[a, b, ...list]`: the elements between spread lists are lists too, and all of them are joined. */
export function arrayOf(node: acorn.ArrayExpression, scope: Scope, lower: Lower): Value {
  const segments: Value[] = []
  let items: Value[] = []
  const close = () => {
    if (items.length > 0) segments.push(listLiteral(node, items))
    items = []
  }
  for (const element of node.elements) {
    if (!element) refuse(node, 'an array with holes is not compiled', 'write null')
    if (element.type !== 'SpreadElement') {
      items.push(lower(element, scope))
      continue
    }
    close()
    segments.push(spreadList(element, lower(element.argument, scope)))
  }
  close()
  if (segments.length === 0) return listLiteral(node, [])
  if (segments.length === 1) return segments[0]!
  const { trees, type } = unify(node, segments, 'parts of an array')
  return defined({ kind: 'call', name: 'list.concat', args: trees, type })
}

/** A list of these elements; what reads one has to know whether it may be undefined. */
function listLiteral(node: acorn.Node, items: readonly Value[]): Value {
  if (items.length === 0) return defined({ kind: 'list', items: [], type: listOf(NULL) })
  const { trees, type } = unify(node, items, 'elements of an array')
  const hazy = items.some((item) => item.maybeUndefined) ? ({ hazy: true } as const) : {}
  return defined({ kind: 'list', items: trees, type: listOf(type), ...hazy })
}

function spreadList(node: acorn.SpreadElement, value: Value): Value {
  const type = typeOf(value)
  if (type.kind !== 'list') refuse(node, `a spread ${nameOf(type)} is not compiled`, 'spread a list')
  if (type.nullable) refuse(node, 'it may be null, and a spread null throws', 'put `?? []` behind it')
  return value
}
