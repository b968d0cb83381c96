/**
 * The compiler of lambdas: from a function to a typed tree that means exactly the same, or a refusal.
 *
 * A function's text is parsed (`parse.ts`), its parameters are bound to values of known types, and each piece of
 * syntax becomes a node of the tree by the rules of `block.ts` (statements), `lower.ts` (expressions), `operators.ts`
 * and `calls.ts` (types). A rule either keeps JavaScript's meaning for every value of the operands' types or refuses; there is no "almost".
 *
 * Correctness rests on two properties of the subset: nothing in it has a side effect, so the order and the number
 * of evaluations don't matter; and nothing in it throws, because every access that could (a property of null) is
 * refused by type.
 */
import type { Type } from '../schema/type.ts'
import { isNumeric } from '../schema/type.ts'
import { bind } from './binding.ts'
import { type Returns, returned } from './block.ts'
import { contextValue } from './constant-value.ts'
import { declarationOf } from './declaration.ts'
import { guardOf } from './guard.ts'
import { holdsInner } from './inner.ts'
import { lower, lowerTest } from './lower.ts'
import type { Scope } from './narrow.ts'
import { type FunctionNode, lambdaOf, locate, parseRewritten, type Source } from './parse.ts'
import { AS_IT_IS, Refused, refuse } from './refuse.ts'
import { bound, type Compilation, children, type Expression, type Refusal } from './tree.ts'
import { booleanLiteral, defined, TOO_EARLY, UNDEFINED } from './value.ts'
import { declaredNames } from './walk.ts'

/** What the result is used for: as a value, or only as a condition (the function of a filter). */
export type Purpose = 'value' | 'test'

/** How a function is compiled, beside the types of its arguments. */
export interface CompileOptions {
  /** `test` compiles the truth of the result, a boolean, for a filter; `value`, the default, what it returns. */
  readonly purpose?: Purpose
  /** What the function's last parameter, the context, holds of constants: `{ params }`; absent where it has none. */
  readonly context?: { readonly params: Readonly<Record<string, unknown>> }
  /** What the variables from outside the function hold, where that is known for sure. */
  readonly outer?: Outer
}

/** Looks up the variables that a function uses and does not declare. */
export interface Outer {
  /**
   * The value of a variable from outside a function, where it is a constant.
   * @param name the variable
   * @param text the function's own text
   */
  constant(name: string, text: string): { readonly value: unknown } | undefined
}

/**
 * Compiles a function of the user.
 * @param fn any function; it is never called.
 * @param inputs the types of its arguments: one record, or both sides of a reducer.
 */
export function compile(fn: Function, inputs: readonly Type[], options: CompileOptions = {}): Compilation {
  const text = Function.prototype.toString.call(fn)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    return whole(
      text,
      'The function is native or bound, and its text is not visible.',
      'Wrap it in an arrow function.',
    )
  }
  let source: Source | undefined
  try {
    source = parseRewritten(text)
    if (!source)
      return whole(text, 'The text of the function can not be parsed on its own.', AS_IT_IS_SENTENCE)
    const discarded: Expression[] = []
    const body = bodyOf(source, scopeOf(source, options, discarded), inputs, options)
    const guard = guardOf(body, inputs, discarded)
    if (guard && isOpen(guard)) throw new TypeError('a guard reads a variable that nothing binds')
    return { ok: true, body, ...(guard && { guard }) }
  } catch (error) {
    if (error instanceof Refused && source) {
      const returns = returnsOf(source, inputs, options)
      const { why, cure } = error
      return { ok: false, ...locate(source, error.node), why, cure, text, ...(returns && { returns }) }
    }
    if (error instanceof RangeError)
      return whole(text, 'The function is nested too deeply.', AS_IT_IS_SENTENCE)
    throw error
  }
}

const AS_IT_IS_SENTENCE = `${AS_IT_IS.charAt(0).toUpperCase()}${AS_IT_IS.slice(1)}.`

/** A refusal of the function as a whole. */
const whole = (text: string, why: string, cure: string): Refusal => ({
  ok: false,
  construct: text.replace(/\s+/g, ' ').slice(0, 60),
  line: 1,
  column: 1,
  why,
  cure,
  text,
})

/** The declaration of what a refused function returns, if something can be said. */
function returnsOf(source: Source, inputs: readonly Type[], options: CompileOptions): string | undefined {
  try {
    const scope = scopeOf(source, options, [])
    const fn = lambdaOf(source)
    bindParameters(fn, scope, inputs, options)
    return declarationOf(fn, scope)
  } catch (error) {
    if (error instanceof Refused || error instanceof RangeError) return undefined
    throw error
  }
}

function bodyOf(source: Source, scope: Scope, inputs: readonly Type[], options: CompileOptions): Expression {
  const fn = lambdaOf(source)
  bindParameters(fn, scope, inputs, options)
  const value = returned(fn, scope, options.purpose === 'test' ? TRUTH : VALUE)
  const node = fn.body.type === 'BlockStatement' ? source.program : fn.body
  if (size(value.tree, 0) > SIZE_MAX) refuse(node, 'the expression is too large', 'split it into two steps')
  if (holdsInner(value.tree.type)) {
    refuse(node, 'no record holds a Date or a regular expression', 'return the milliseconds: `getTime()`')
  }
  if (hasUntypedList(value.tree)) refuse(node, 'an empty array has no element type', 'give it an element')
  if (computesConstant(value.tree)) {
    refuse(node, 'a constant is computed in a way that is not compiled', 'write its value')
  }
  return value.tree
}

/** Gives a function's parameters the inputs, and the one after them the context. */
function bindParameters(
  fn: FunctionNode,
  scope: Scope,
  inputs: readonly Type[],
  { context }: CompileOptions,
): void {
  if (fn.type === 'FunctionExpression' && fn.id) scope.names.set(fn.id.name, TOO_EARLY)
  for (const [index, pattern] of fn.params.entries()) {
    const type = inputs[index]
    if (type) bind(pattern, defined({ kind: 'input', index, type }), scope)
    else if (context && index === inputs.length) bind(pattern, contextValue(pattern, context.params), scope)
    else refuse(pattern, `${nth(index)} parameter is not given to it`, 'leave it out')
  }
}

/** The scope in which a function begins. */
function scopeOf({ program, text }: Source, { outer }: CompileOptions, discarded: Expression[]): Scope {
  const own = declaredNames(program)
  return {
    names: new Map(),
    notNull: new Set(),
    variables: { count: 0 },
    discarded,
    ...(outer && { outer: (name) => (own.has(name) ? undefined : outer.constant(name, text)) }),
  }
}

/** What a function returns, as a value and as a condition. */
const VALUE: Returns = (node, scope) => (node ? lower(node, scope) : UNDEFINED)
const TRUTH: Returns = (node, scope) => (node ? lowerTest(node, scope) : booleanLiteral(false))

const nth = (index: number): string => (index === 1 ? 'a second' : index === 2 ? 'a third' : 'another')

/**
 * Constants are inlined and a dialect prints some operands twice, so a short text can mean a large expression.
 * The depth is what DuckDB's parser and ours take without reserve.
 */
const SIZE_MAX = 2_000
const DEPTH_MAX = 100
function size(tree: Expression, depth: number): number {
  if (depth > DEPTH_MAX) return Number.POSITIVE_INFINITY
  let total = 1
  for (const child of children(tree)) {
    total += size(child, depth + 1)
    // A shared tree can be exponentially larger than the memory it takes: never walk past the limit.
    if (total > SIZE_MAX) return Number.POSITIVE_INFINITY
  }
  return total
}

/** Whether an `[]` is left that no other arm gave an element type. */
const hasUntypedList = (tree: Expression): boolean =>
  (tree.kind === 'list' &&
    tree.items.length === 0 &&
    tree.type.kind === 'list' &&
    tree.type.of.kind === 'null') ||
  children(tree).some(hasUntypedList)

/**
 * Whether a number is computed from constants only, by more than the literals that are computed when compiling.
 * SQL would compute it, and could make a constant -0 (see `folded` in operators.ts). The parameters of an inner
 * function are constants where the list is.
 */
function computesConstant(tree: Expression, constants: readonly number[] = []): boolean {
  if (computesNumber(tree) && !readsInput(tree, constants)) return true
  const isConstant = children(tree)
    .slice(0, -1)
    .every((child) => !readsInput(child, constants))
  const inner = isConstant ? [...constants, ...bound(tree)] : constants
  return children(tree).some((child) => computesConstant(child, inner))
}

const computesNumber = (tree: Expression): boolean =>
  tree.type.kind === 'number' && (tree.kind === 'arithmetic' || tree.kind === 'unary' || tree.kind === 'call')

const readsInput = (tree: Expression, constants: readonly number[]): boolean =>
  tree.kind === 'input' ||
  (tree.kind === 'variable' && !constants.includes(tree.id)) ||
  children(tree).some((child) => readsInput(child, constants))

/** Whether an expression reads a variable that is not bound in it. */
const isOpen = (tree: Expression, ids: readonly number[] = []): boolean =>
  tree.kind === 'variable'
    ? !ids.includes(tree.id)
    : children(tree).some((child) => isOpen(child, [...ids, ...bound(tree)]))

/** Whether a compiled reducer is exactly `a + b` (or `b + a`) of two numbers, neither of them null. */
export function isSum(compilation: Compilation): boolean {
  if (!compilation.ok) return false
  const { body } = compilation
  if (body.kind !== 'arithmetic' || body.op !== '+') return false
  const { left, right } = body
  if (left.kind !== 'input' || right.kind !== 'input' || left.index + right.index !== 1) return false
  return [left, right].every(({ type }) => isNumeric(type) && !type.nullable)
}
