/**
 * The typing rules of the methods of lists without a function, and of `list[index]`.
 *
 * An element can be null where the type says so, and `undefined` in JavaScript where a list was made of what may be
 * undefined (`hazy` on the node that made it): what is read from such a list may be undefined again.
 */
import type * as acorn from 'acorn'
import {
  BOOLEAN,
  describe,
  INTEGER,
  isNumeric,
  type ListType,
  listOf,
  nonNull,
  nullable,
  STRING,
  type Type,
} from '../schema/type.ts'
import { count, index, only } from './arguments.ts'
import type { ListCallee } from './callee.ts'
import { basic } from './guard.ts'
import { constantOf, unify } from './operators.ts'
import { refuse } from './refuse.ts'
import { children, type Expression } from './tree.ts'
import { defined, numberLiteral, stringLiteral, typeOf, type Value } from './value.ts'

type Method = (node: acorn.Node, of: Expression, args: readonly Value[]) => Value

const call = (
  name: ListCallee,
  args: readonly Expression[],
  type: Type,
  exactIf: readonly Expression[] = [],
): Value => defined({ kind: 'call', name, args, type, ...(exactIf.length > 0 && { exactIf }) })

const listType = (of: Expression): ListType => nonNull(of.type) as ListType

/** Whether JavaScript may have `undefined` in a list where the tree has null. */
export const holdsUndefined = (tree: Expression, seen = new Set<Expression>()): boolean => {
  if (seen.has(tree)) return false
  seen.add(tree)
  return ('hazy' in tree && tree.hazy === true) || children(tree).some((child) => holdsUndefined(child, seen))
}

const METHODS: Readonly<Record<string, Method>> = {
  includes: (node, of, args) => searched(node, 'includes', of, args, BOOLEAN),
  indexOf: (node, of, args) => searched(node, 'list.indexOf', of, args, INTEGER),
  lastIndexOf: (node, of, args) => searched(node, 'list.lastIndexOf', of, args, INTEGER),
  slice(node, of, args) {
    count(node, 'slice', args, 0, 2)
    const [from = numberLiteral(0).tree, ...to] = args.map((each) => index(node, 'slice', each))
    return call('list.slice', [of, from, ...to], listType(of))
  },
  at(node, of, args) {
    count(node, 'at', args, 0, 1)
    const place = args[0] ? index(node, 'at', args[0]) : numberLiteral(0).tree
    const { tree } = call('list.at', [of, place], nullable(listType(of).of))
    return { tree, maybeUndefined: true }
  },
  join: joined,
  flat,
  concat,
  toReversed(node, of, args) {
    count(node, 'toReversed', args, 0, 0)
    return call('list.reverse', [of], listType(of))
  },
  reverse(node, of, args) {
    requireFresh(node, of)
    return METHODS.toReversed!(node, of, args)
  },
  toSorted: sortedTexts,
  sort(node, of, args) {
    requireFresh(node, of)
    return sortedTexts(node, of, args)
  },
}

const CHANGES = ['it changes the array', 'make a new one: `map`, `filter`, `concat`, `slice`'] as const
const ITERATES = ['it returns an iterator', 'use `map` with the index'] as const
/** Why a method is refused that will never compile. */
const REASONS: Readonly<Record<string, readonly [why: string, cure: string]>> = {
  push: CHANGES,
  pop: CHANGES,
  shift: CHANGES,
  unshift: CHANGES,
  splice: CHANGES,
  fill: CHANGES,
  copyWithin: CHANGES,
  forEach: ['it returns nothing, and has effects only', 'use `map` or `reduce`'],
  keys: ITERATES,
  values: ITERATES,
  entries: ITERATES,
  reduceRight: ['it is not compiled', 'write `toReversed().reduce(...)`'],
}

/** Whether there is a reason to refuse a method whatever its arguments are. */
export const neverCompiles = (name: string): boolean => Object.hasOwn(REASONS, name)

/** The value of `of.name(args)`, or `undefined` where lists have no such method that compiles. */
export function listMethod(
  node: acorn.Node,
  of: Expression,
  name: string,
  args: readonly Value[],
): Value | undefined {
  if (Object.hasOwn(METHODS, name)) return METHODS[name]!(node, of, args)
  return neverCompiles(name) ? refuse(node, ...REASONS[name]!) : undefined
}

/** `receiver[index]`: undefined where there is none; a negative or fractional index has none. */
export function elementOfList(node: acorn.Node, receiver: Value, at: Value): Value {
  const place = index(node, '[]', at)
  const known = constantOf(at)
  if (known !== undefined && !(Number.isInteger(known) && known >= 0)) {
    refuse(node, `there is no \`[${known}]\`; JavaScript gives undefined`, 'write `at(-1)` for the last')
  }
  if (typeOf(at).nullable) refuse(node, 'an index that is null is the name "null"', 'put `?? 0` behind it')
  const { tree } = call('list.element', [receiver.tree, place], nullable(listType(receiver.tree).of))
  return { tree, maybeUndefined: true }
}

/** `includes` finds NaN, `indexOf` does not. Both find null, and neither finds another object with the same fields. */
function searched(
  node: acorn.Node,
  name: 'includes' | 'list.indexOf' | 'list.lastIndexOf',
  of: Expression,
  args: readonly Value[],
  type: Type,
): Value {
  const wanted = only(node, name.replace('list.', ''), args)
  const [{ of: element }, sought] = [listType(of), typeOf(wanted)]
  if (['list', 'struct', 'null'].includes(element.kind)) {
    refuse(node, 'JavaScript looks for the same object', 'write `some(x => x.id === ...)`')
  }
  const isSame = element.kind === sought.kind || (isNumeric(element) && isNumeric(sought))
  if (!isSame && sought.kind !== 'null') {
    const why = `a ${describe(sought)} is never an element of a ${describe(of.type)}`
    refuse(node, why, 'look for a value of the type of its elements')
  }
  if ((wanted.maybeUndefined && element.nullable) || (sought.nullable && holdsUndefined(of))) {
    refuse(node, '`undefined` and `null` are not the same, but both are null here', 'put `??` behind it')
  }
  return call(name, [of, wanted.tree], type)
}

function joined(node: acorn.Node, of: Expression, args: readonly Value[]): Value {
  count(node, 'join', args, 0, 1)
  const separator = args[0] ?? stringLiteral(',')
  if (separator.tree.kind !== 'literal' || typeof separator.tree.value !== 'string') {
    refuse(node, 'DuckDB joins with a constant only', 'write the separator as a text')
  }
  const element = listType(of).of
  if (element.kind === 'list' || element.kind === 'struct' || element.kind === 'null') {
    refuse(node, `\`join\` of a ${describe(of.type)} is not compiled`, 'map the elements to texts first')
  }
  return call('list.join', [of, separator.tree], STRING)
}

function flat(node: acorn.Node, of: Expression, args: readonly Value[]): Value {
  count(node, 'flat', args, 0, 1)
  if (args[0] && constantOf(args[0]) !== 1) refuse(node, '`flat` is compiled for one level', 'write `flat()`')
  const element = listType(of).of
  if (element.kind !== 'list' || element.nullable) {
    const cure = element.kind === 'list' ? 'put `?? []` behind each: `flatMap(x => x ?? [])`' : 'leave it out'
    return refuse(node, `\`flat\` of a ${describe(of.type)} is not compiled; of lists of lists it is`, cure)
  }
  return call('list.flat', [of], element)
}

/** Arrays are put behind one another, and what is no array is one more element. */
function concat(node: acorn.Node, of: Expression, args: readonly Value[]): Value {
  const lists = args.map((each): Value => {
    const type = typeOf(each)
    if (type.kind !== 'list') {
      const hazy = each.maybeUndefined ? ({ hazy: true } as const) : {}
      return defined({ kind: 'list', items: [each.tree], type: listOf(type), ...hazy })
    }
    if (type.nullable) refuse(node, 'an array that is null is one more element', 'put `?? []` behind it')
    return each
  })
  const receiver = defined({ ...of, type: listType(of) })
  const { trees, type } = unify(node, [receiver, ...lists], 'parts of `concat`')
  return call('list.concat', [of, ...trees.slice(1)], type)
}

/** `sort` without a function is by text. The order of UTF-16 units is that of characters below U+10000. */
function sortedTexts(node: acorn.Node, of: Expression, args: readonly Value[]): Value {
  count(node, 'sort', args, 0, 0)
  const element = listType(of).of
  if (element.kind !== 'string' || element.nullable) {
    const cure = isNumeric(element) ? 'write `toSorted((a, b) => a - b)`' : 'sort by a number or texts'
    refuse(node, `a ${describe(of.type)} is sorted by the text of its elements`, cure)
  }
  return call('list.sort', [of], listType(of), basic(node, of))
}

const NEW_LISTS: ReadonlySet<string> = new Set([
  'split',
  'string.splitBy',
  'string.first',
  'regex.split',
  'list.slice',
  'list.flat',
  'list.concat',
  'list.reverse',
  'list.sort',
])

/**
 * Refuses to change an array that something else may see: it has to be made by the very call, or written, in front
 * of the dot.
 */
export function requireFresh(node: acorn.Node, of: Expression): void {
  const { callee } = node as acorn.CallExpression
  const made = callee?.type === 'MemberExpression' ? callee.object.type : undefined
  const isNew =
    of.kind === 'list' ||
    (of.kind === 'each' && !of.op.startsWith('find')) ||
    (of.kind === 'call' && NEW_LISTS.has(of.name))
  if (isNew && (made === 'CallExpression' || made === 'ArrayExpression' || made === 'ChainExpression')) return
  refuse(node, 'it changes the array that it is called on', 'write `toReversed` or `toSorted`')
}
