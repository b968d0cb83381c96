/**
 * The typing rules of properties, methods and functions.
 *
 * Methods need a receiver that is not null: on a nullable one JavaScript throws, so it takes a `?.`, and then the
 * result is null where the receiver is.
 */
import type { Node } from 'acorn'
import {
  BOOLEAN,
  describe,
  fieldOf,
  INTEGER,
  isNumeric,
  listOf,
  type NumberRange,
  nonNull,
  numberOf,
  rangeOf,
  STRING,
  type Type,
  widest,
} from '../schema/type.ts'
import { constantOf, folded, not, numeric, orNull, positive, template } from './operators.ts'
import { ON_MEMORY, refuse } from './refuse.ts'
import type { Callee } from './tree.ts'
import { defined, typeOf, type Value } from './value.ts'

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
  if (type.kind === 'struct') {
    const field = fieldOf(type, name)
    if (!field) {
      const names = type.fields.map((each) => each.name).join(', ')
      return refuse(node, `there is no field \`${name}\`; JavaScript gives undefined`, `use one of: ${names}`)
    }
    const tree = { kind: 'property', of, name, type: orNull(field.type, ended) } as const
    return { tree, maybeUndefined, nullItself: field.type.nullable, ended }
  }
  if (name === 'length' && (type.kind === 'string' || type.kind === 'list')) {
    const callee: Callee = `${type.kind}.length`
    const tree = { kind: 'call', name: callee, args: [of], type: orNull(INTEGER, ended) } as const
    return { tree, maybeUndefined: false, nullItself: false, ended }
  }
  return refuse(node, `\`.${name}\` of a ${describe(type)} is not compiled`)
}

/** `receiver.name(args)` or `receiver?.name(args)`. */
export function callMethod(
  node: Node,
  receiver: Link,
  name: string,
  args: readonly Value[],
  optional: boolean,
): Link {
  const ended = endsAt(node, receiver, name, optional)
  const type = methodType(node, nonNull(typeOf(receiver)), name, args)
  const trees = [receiver.tree, ...args.map(({ tree }) => tree)]
  const tree = { kind: 'call', name: name as Callee, args: trees, type: orNull(type, ended) } as const
  return { tree, maybeUndefined: false, nullItself: false, ended }
}

/** The type a method returns; refuses what is not compiled. */
function methodType(node: Node, receiver: Type, name: string, args: readonly Value[]): Type {
  const of = receiver.kind === 'string' || receiver.kind === 'list' ? `${receiver.kind}.${name}` : ''
  switch (of) {
    case 'string.split': {
      const separator = only(node, name, args).tree
      if (separator.kind !== 'literal' || typeof separator.value !== 'string' || separator.value === '') {
        refuse(
          node,
          'split is compiled for a literal separator that is not empty',
          `write one, or ${ON_MEMORY}`,
        )
      }
      return listOf(STRING)
    }
    case 'string.trim':
    case 'string.toLowerCase':
    case 'string.toUpperCase':
      if (args.length > 0) refuse(node, `${name} takes no argument`, 'leave it out')
      return STRING
    case 'string.startsWith':
    case 'string.endsWith':
    case 'string.includes':
      plain(node, only(node, name, args), 'string')
      return BOOLEAN
    case 'list.includes':
      plain(node, only(node, name, args), elementKind(node, receiver))
      return BOOLEAN
    default:
      return refuse(node, `the method \`${name}\` of a ${describe(receiver)} is not compiled`)
  }
}

/** The one argument of a call. */
function only(node: Node, name: string, args: readonly Value[]): Value {
  const [argument] = args
  if (!argument || args.length > 1) return refuse(node, `${name} is compiled with one argument`)
  return argument
}

/** Refuses an argument that is null or of another type: JavaScript would convert it. */
function plain(node: Node, argument: Value, kind: Type['kind']): void {
  const type = typeOf(argument)
  if (type.kind !== kind || type.nullable || argument.maybeUndefined) {
    refuse(node, `the argument is a ${describe(type)}, and only a ${kind} is compiled`, `make it a ${kind}`)
  }
}

/** The kind of the elements of a list that can be searched. */
function elementKind(node: Node, list: Type): Type['kind'] {
  const of = list.kind === 'list' ? list.of : list
  if ((of.kind === 'string' || of.kind === 'integer') && !of.nullable) return of.kind
  return refuse(node, `includes of a ${describe(list)} is not compiled; of string[] and integer[] it is`)
}

/** A call of a function that is not a method of a record's value. */
export function callFunction(node: Node, name: string, args: () => readonly Value[]): Value {
  switch (name) {
    case 'Math.floor':
    case 'Math.ceil':
    case 'Math.trunc':
    case 'Math.abs':
    case 'Math.round':
      return mathOf(node, name, [only(node, name, args())])
    case 'Math.min':
    case 'Math.max': {
      const values = args()
      return values.length > 0
        ? mathOf(node, name, values)
        : refuse(node, 'it has no argument', 'give it one')
    }
    case 'Boolean':
      return not(not(only(node, name, args())))
    case 'String':
      return template(node, [only(node, name, args())])
    case 'Number':
      return positive(node, only(node, name, args()))
    default: {
      const why = name.startsWith('Math.')
        ? `\`${name}\` is not compiled, because its last bit differs between engines or it is not known`
        : `\`${name}\` is a function from outside the lambda`
      return refuse(node, why)
    }
  }
}

type MathCallee = Extract<Callee, `Math.${string}`>
type MathName = MathCallee extends `Math.${infer Name}` ? Name : never

/** A function of Math: of integers an integer, otherwise a number in the range of its arguments. */
function mathOf(node: Node, name: MathCallee, values: readonly Value[]): Value {
  const constants = values.map(constantOf).filter((each) => each !== undefined)
  if (constants.length === values.length) {
    const compute: (...args: number[]) => number = Math[name.slice('Math.'.length) as MathName]
    return folded(node, compute(...constants))
  }
  let range: NumberRange = 'finite'
  let integers = true
  for (const value of values) {
    const type = numeric(node, value, name)
    range = widest(range, rangeOf(type))
    integers &&= isNumeric(type) && type.kind !== 'number'
  }
  const type = integers ? INTEGER : numberOf(range)
  return defined({ kind: 'call', name, args: values.map(({ tree }) => tree), type })
}
