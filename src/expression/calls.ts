/**
 * The typing rules of properties, methods and functions: which receiver a method has, and where its rules are.
 *
 * Methods need a receiver that is not null: on a nullable one JavaScript throws, so it takes a `?.`, and then the
 * result is null where the receiver is.
 */
import type { Node } from 'acorn'
import { fieldOf, INTEGER, nonNull } from '../schema/type.ts'
import { only } from './arguments.ts'
import { dateFunction, dateMethod } from './dates.ts'
import { isDate, isPattern, nameOf } from './inner.ts'
import { elementOfList, listMethod } from './lists.ts'
import { booleanMethod, mathFunction, numberFunction, numberMethod, toNumber } from './numbers.ts'
import { not, orNull, template } from './operators.ts'
import { refuse } from './refuse.ts'
import { patternMethod } from './regex.ts'
import { elementOf, stringMethod } from './strings.ts'
import { children, type Expression } from './tree.ts'
import { typeOf, type Value } from './value.ts'

/** A value along an optional chain. */
export interface Link extends Value {
  /** Whether it can be null although the chain has not ended: the next access needs a `?.`. */
  readonly nullItself: boolean
  /** Whether the chain may have ended before it. */
  readonly ended: boolean
}

/** A value as the beginning of a chain. */
export const linkOf = (value: Value): Link => ({ ...value, nullItself: typeOf(value).nullable, ended: false })

/** Whether the chain may end at this access; refuses where JavaScript would throw. */
function endsAt(node: Node, receiver: Link, name: string, optional: boolean): boolean {
  if (receiver.nullItself && !optional) {
    const cure = `write \`?.${name}\`, or give a value for null with \`??\``
    refuse(node, `it may be null, and \`.${name}\` of null throws`, cure)
  }
  return receiver.ended || receiver.nullItself
}

/** `receiver.name` or `receiver?.name`. */
export function property(node: Node, receiver: Link, name: string, optional: boolean): Link {
  const ended = endsAt(node, receiver, name, optional)
  const { tree: of, maybeUndefined } = receiver
  const type = nonNull(of.type)
  if (type.kind === 'struct' && !isDate(type) && !isPattern(type)) {
    const field = fieldOf(type, name)
    if (!field && of.kind === 'struct' && of.isContext) {
      const why = `\`${name}\` of the context is known when the record is computed, and not when compiling`
      return refuse(node, why, 'leave it as it is: the function runs as JavaScript')
    }
    if (!field) {
      const names = type.fields.map((each) => each.name).join(', ')
      return refuse(node, `there is no field \`${name}\`; JavaScript gives undefined`, `use one of: ${names}`)
    }
    // a field of a constant is what it holds; nothing else is lost with the rest of it
    const written =
      of.kind === 'struct' && isConstant(of) && of.fields.find((each) => each.name === name)?.value
    const tree: Expression = written || { kind: 'property', of, name, type: orNull(field.type, ended) }
    return { tree, maybeUndefined, nullItself: field.type.nullable, ended }
  }
  if (name === 'length' && (type.kind === 'string' || type.kind === 'list')) {
    const tree = {
      kind: 'call',
      name: `${type.kind}.length`,
      args: [of],
      type: orNull(INTEGER, ended),
    } as const
    return { tree, maybeUndefined: false, nullItself: false, ended }
  }
  return refuse(node, `\`.${name}\` of a ${nameOf(type)} is not compiled`)
}

/** Whether a value is made of literals only. */
const isConstant = (tree: Expression): boolean =>
  tree.kind === 'literal' ||
  ((tree.kind === 'struct' || tree.kind === 'list') && children(tree).every(isConstant))

/** `receiver.name(args)` or `receiver?.name(args)`. */
export function callMethod(
  node: Node,
  receiver: Link,
  name: string,
  args: readonly Value[],
  optional: boolean,
): Link {
  return methodLink(node, receiver, name, optional, () => methodOf(node, receiver, name, args))
}

/** What a method gives where its receiver is not null, as a link. */
export function methodLink(
  node: Node,
  receiver: Link,
  name: string,
  optional: boolean,
  value: () => Value,
): Link {
  const ended = endsAt(node, receiver, name, optional)
  const { tree, maybeUndefined } = value()
  const type = orNull(tree.type, ended)
  return { tree: { ...tree, type }, maybeUndefined, nullItself: tree.type.nullable, ended }
}

/** `receiver[at]` or `receiver?.[at]` of a string or list. */
export function elementLink(node: Node, receiver: Link, at: Value, optional: boolean): Link {
  const ended = endsAt(node, receiver, '[index]', optional)
  const isText = nonNull(typeOf(receiver)).kind === 'string'
  const { tree } = (isText ? elementOf : elementOfList)(node, receiver, at)
  return { tree, maybeUndefined: true, nullItself: true, ended }
}

/** The result of a method where its receiver is not null. */
function methodOf(node: Node, { tree }: Link, name: string, args: readonly Value[]): Value {
  const receiver = nonNull(tree.type)
  const found = () => {
    if (isDate(receiver)) return dateMethod(node, tree, name, args)
    if (isPattern(receiver)) return patternMethod(node, tree, name, args)
    switch (receiver.kind) {
      case 'string':
        return stringMethod(node, tree, name, args)
      case 'number':
      case 'integer':
      case 'timestamp':
        return numberMethod(node, tree, name, args)
      case 'boolean':
        return booleanMethod(node, tree, name, args)
      case 'list':
        return listMethod(node, tree, name, args)
      default:
        return undefined
    }
  }
  return found() ?? refuse(node, `the method \`${name}\` of a ${nameOf(receiver)} is not compiled`)
}

/** The objects of the language whose functions and constants may compile. */
export const NAMESPACES: ReadonlySet<string> = new Set(['Math', 'Number', 'Date'])

/** A call of a function that is not a method of a record's value. */
export function callFunction(node: Node, name: string, args: () => readonly Value[]): Value {
  switch (name) {
    case 'Boolean':
      return not(not(only(node, name, args())))
    case 'String':
      return template(node, [only(node, name, args())])
    case 'Number':
      return toNumber(node, only(node, name, args()))
  }
  const [space, member] = name.split('.')
  if (space === 'Date' && member) return dateFunction(node, member, args())
  if (space === 'Math' && member) {
    return mathFunction(node, member, args()) ?? refuse(node, `\`${name}\` is not compiled`)
  }
  const isNumeric = space === 'Number' || NUMERIC.has(name)
  const value = isNumeric ? numberFunction(node, name, args()) : undefined
  return value ?? refuse(node, `\`${name}\` is a function from outside the lambda`)
}

const NUMERIC: ReadonlySet<string> = new Set(['parseInt', 'parseFloat', 'isNaN', 'isFinite'])
