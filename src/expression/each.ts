/**
 * The methods of lists that take a function: `map`, `filter` and their kin, `reduce`, and sorting by a number.
 *
 * The inner function is lowered in the scope of the outer one, its parameters bound to variables. What it reads of the
 * outer names stays what it is: nothing changes while a lambda runs.
 */
import type * as acorn from 'acorn'
import {
  BOOLEAN,
  describe,
  INTEGER,
  isNumeric,
  join,
  type ListType,
  listOf,
  nonNull,
  nullable,
  rangeOf,
  type Type,
} from '../schema/type.ts'
import { bind } from './binding.ts'
import { returned } from './block.ts'
import { callFunction, linkOf } from './calls.ts'
import { asksForDates, hoisted } from './guard.ts'
import { holdsUndefined, listMethod, neverCompiles, requireFresh } from './lists.ts'
import { narrowed, type Scope, under } from './narrow.ts'
import { not } from './operators.ts'
import { type FunctionNode, plainFunction } from './parse.ts'
import { AS_IT_IS, Refused, refuse } from './refuse.ts'
import type { Each, EachOperation, Expression, Reduce } from './tree.ts'
import { defined, TOO_EARLY, typeOf, UNDEFINED, type Value } from './value.ts'
import { boundNames } from './walk.ts'

/** The lowering of syntax, which is in `lower.ts`. */
export interface Lowering {
  readonly lower: (node: acorn.Expression, scope: Scope) => Value
  readonly lowerTest: (node: acorn.Expression, scope: Scope) => Value
}

/** A call of a method of a list, with its function not yet lowered. */
interface Site extends Lowering {
  readonly node: acorn.CallExpression
  readonly of: Expression
  readonly list: ListType
  readonly scope: Scope
}

const TESTS: ReadonlySet<string> = new Set([
  'filter',
  'some',
  'every',
  'find',
  'findLast',
  'findIndex',
  'findLastIndex',
] satisfies EachOperation[])
const isTest = (
  name: string,
): name is Exclude<EachOperation, 'map' | 'flatMap' | 'ascending' | 'descending'> => TESTS.has(name)

/** Whether a method is called with a function, which is not lowered before the method is known. */
export function takesFunction(receiver: Type, name: string, args: readonly acorn.Node[]): boolean {
  if (receiver.kind !== 'list' || args.length === 0) return false
  return (
    isTest(name) || neverCompiles(name) || ['map', 'flatMap', 'reduce', 'sort', 'toSorted'].includes(name)
  )
}

/** The value of `of.name(function)`, where `takesFunction`. */
export function eachMethod(
  node: acorn.CallExpression,
  of: Expression,
  name: string,
  scope: Scope,
  lowering: Lowering,
): Value {
  const list = nonNull(of.type) as ListType
  const site: Site = { ...lowering, node, of, list, scope }
  if (neverCompiles(name)) listMethod(node, of, name, [])
  if (name === 'reduce') return reduced(site)
  const [callback, ...others] = node.arguments
  if (others.length > 0)
    refuse(others[0]!, `\`${name}\` is compiled with one argument`, 'leave the others out')
  if (name === 'sort' || name === 'toSorted') return sorted(site, name, callback!)
  return each(site, name as 'map', callback!)
}

/** A new variable of this type. */
function variable(
  { scope }: Site,
  type: Type,
  hazy: boolean,
): { readonly id: number; readonly value: Value } {
  const id = scope.variables.count++
  const tree: Expression = { kind: 'variable', id, type, ...(hazy && { hazy }) }
  return { id, value: { tree, maybeUndefined: hazy } }
}

/** The variable of an element. */
const element = (site: Site) => variable(site, site.list.of, holdsUndefined(site.of))

/** An inner function's result, and the scope and syntax that it is made of. */
interface Body {
  readonly value: Value
  readonly scope: Scope
  readonly result?: acorn.Expression
  /** Whether it is true of no element that is null. */
  readonly excludesNull?: boolean
}

/** The functions that may stand by their name. They take one argument, and ignore the index. */
const NAMED: ReadonlySet<string> = new Set(['Boolean', 'String', 'Number'])

function bodyOf(site: Site, callback: acorn.Node, parameters: readonly Value[], test: boolean): Body {
  const { scope, lower, lowerTest } = site
  const node = callback as acorn.Expression | acorn.SpreadElement
  if (node.type === 'Identifier' && NAMED.has(node.name) && !scope.names.has(node.name)) {
    const value = callFunction(node, node.name, () => [parameters[0]!])
    return { value: test ? not(not(value)) : value, scope, excludesNull: node.name === 'Boolean' }
  }
  const fn = functionOf(node)
  const discarded: Expression[] = []
  const inner: Scope = { ...scope, names: new Map(scope.names), discarded }
  // the names that a `function` gives to itself, and to what it is called with
  if (fn.type === 'FunctionExpression') {
    inner.names.delete('arguments')
    if (fn.id) inner.names.set(fn.id.name, TOO_EARLY)
  }
  for (const [index, pattern] of fn.params.entries()) {
    const parameter = parameters[index]
    if (!parameter) {
      const names =
        parameters.length > 1 ? 'only the first two parameters are' : 'only the first parameter is'
      return refuse(pattern, `${names} compiled here`, 'use the name of the array')
    }
    bind(pattern, parameter, inner)
  }
  const value = returned(fn, inner, (part, known) => {
    if (!part) return test ? not(UNDEFINED) : UNDEFINED
    return (test ? lowerTest : lower)(part, known)
  })
  if (discarded.some(asksForDates))
    refuse(node, 'a date that is not used throws all the same where it is not valid', 'leave it out')
  const result = resultOf(fn)
  return { value, scope: inner, ...(result && { result }) }
}

/** The one expression that a function returns, if it is nothing else. */
function resultOf({ body }: FunctionNode): acorn.Expression | undefined {
  if (body.type !== 'BlockStatement') return body
  const [only, ...others] = body.body
  return only?.type === 'ReturnStatement' && others.length === 0 ? (only.argument ?? undefined) : undefined
}

function functionOf(node: acorn.Expression | acorn.SpreadElement): FunctionNode {
  if (node.type === 'ParenthesizedExpression') return functionOf(node.expression)
  if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression')
    return plainFunction(node)
  return refuse(node, 'only a function that is written here is compiled', 'write it in place: `x => ...`')
}

function each(site: Site, op: EachOperation, callback: acorn.Node): Value {
  const { node, of, list } = site
  const test = isTest(op)
  const item = element(site)
  const index = variable(site, INTEGER, false)
  const body = bodyOf(site, callback, [item.value, index.value], test)
  const shape = { kind: 'each', op, list: of, item: item.id, index: index.id, body: body.value.tree } as const
  const make = (type: Type, more?: Partial<Each>): Expression => hoisted(node, { ...shape, ...more, type })
  switch (op) {
    case 'map':
      return defined(make(listOf(typeOf(body.value)), body.value.maybeUndefined ? { hazy: true } : {}))
    case 'flatMap':
      return defined(make(listOf(elementOf(callback, typeOf(body.value)))))
    case 'filter':
      return defined(make(listOf(isNotNull(site, item.value, body) ? nonNull(list.of) : list.of)))
    case 'some':
    case 'every':
      return defined(make(BOOLEAN))
    case 'findIndex':
    case 'findLastIndex':
      return defined(make(INTEGER))
    default:
      return { tree: make(nullable(list.of)), maybeUndefined: true }
  }
}

function elementOf(callback: acorn.Node, type: Type): Type {
  if (type.kind === 'list' && !type.nullable) return type.of
  const why = `the function of flatMap gives a ${describe(type)}, and only arrays are compiled`
  return refuse(callback, why, type.kind === 'list' ? 'put `?? []` behind it' : 'write `map`, or `[x]`')
}

/** Whether an element of which the test is true is never null. */
function isNotNull(site: Site, item: Value, { result, scope, excludesNull }: Body): boolean {
  if (!result) return excludesNull === true
  return !typeOf(narrowed(linkOf(item), under(result, true, scope, site.lower))).nullable
}

/** How often a reducer is lowered until the type of its result is settled: integers become numbers, and so on. */
const PASSES_MAX = 6

function reduced(site: Site): Value {
  const { node, of } = site
  const [callback, start, ...others] = node.arguments
  if (!start) refuse(node, '`reduce` without an initial value throws for an empty array', 'give it one')
  if (start.type === 'SpreadElement' || others.length > 0)
    return refuse(node, '`reduce` has two arguments', 'leave the others out')
  const initial = site.lower(start, site.scope)
  if (initial.tree.kind === 'list' && initial.tree.items.length === 0) {
    refuse(start, 'an empty array has no element type', 'use `map`, `filter` or `flatMap`')
  }
  let type = typeOf(initial)
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const accumulator = variable(site, type, false)
    const item = element(site)
    const { value } = bodyOf(site, callback!, [accumulator.value, item.value], false)
    if ([initial, value].some((part) => part.maybeUndefined || holdsUndefined(part.tree))) {
      refuse(node, '`undefined` and `null` are one in a reducer', 'put `??` behind what may be undefined')
    }
    const wider = join(type, typeOf(value))
    if (!wider) {
      const types = `a ${describe(type)} and then a ${describe(typeOf(value))}`
      return refuse(callback!, `what is reduced is ${types}`, 'give both the same type')
    }
    if (JSON.stringify(wider) === JSON.stringify(type)) {
      const ids = { accumulator: accumulator.id, item: item.id }
      const tree: Reduce = { kind: 'reduce', list: of, initial: initial.tree, ...ids, body: value.tree, type }
      return defined(hoisted(node, tree))
    }
    type = wider
  }
  return refuse(callback!, 'the type of what is reduced is not settled', AS_IT_IS)
}

/**
 * `(a, b) => key(a) - key(b)`, and the other way round. Both sides are lowered with one variable, so that they are the
 * same key where their trees are the same.
 */
function sorted(site: Site, name: string, callback: acorn.Node): Value {
  const { node, of, list, lower } = site
  if (name === 'sort') requireFresh(node, of)
  if (list.of.nullable && holdsUndefined(of)) {
    refuse(
      node,
      '`undefined` is put last, whatever the order',
      'leave out what may be undefined with `filter`',
    )
  }
  const fn = functionOf(callback as acorn.Expression)
  const { params: parameters } = fn
  const result = resultOf(fn)
  const item = element(site)
  const index = variable(site, INTEGER, false)
  const key = (side: acorn.Expression, pattern: acorn.Pattern): Expression | undefined => {
    const scope: Scope = { ...site.scope, names: new Map(site.scope.names) }
    // The other parameter hides what has its name outside.
    for (const each of parameters) for (const hidden of boundNames(each)) scope.names.delete(hidden)
    bind(pattern, item.value, scope)
    try {
      return lower(side, scope).tree
    } catch (error) {
      if (error instanceof Refused) return undefined
      throw error
    }
  }
  const [a, b] = parameters
  if (a && b && result?.type === 'BinaryExpression' && result.operator === '-') {
    for (const [op, first, second] of [
      ['ascending', a, b],
      ['descending', b, a],
    ] as const) {
      const body = key(result.left as acorn.Expression, first)
      if (!body || !isSame(body, key(result.right, second))) continue
      if (!isNumeric(body.type) || body.type.nullable || rangeOf(body.type) === 'any') {
        const why = `the order is by a ${describe(body.type)} that may be null or NaN, which have no place in it`
        return refuse(callback, why, 'sort by a number that is always there')
      }
      return defined(
        hoisted(node, { kind: 'each', op, list: of, item: item.id, index: index.id, body, type: list }),
      )
    }
  }
  return refuse(callback, 'only the order by a number is compiled', 'write `(a, b) => a.x - b.x`')
}

/** Whether two trees are the same; what both share is not walked. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  const [left, right] = [a, b] as Readonly<Record<string, unknown>>[]
  const names = Object.keys(left!)
  return (
    names.length === Object.keys(right!).length && names.every((name) => isSame(left![name], right![name]))
  )
}
