/**
 * A lambda as data.
 *
 * An `Expression` is what a compiled lambda means: a closed, typed tree with exactly JavaScript's meaning. Nothing
 * in it is SQL and nothing is text from the user's program except literals, which a dialect prints as parameters.
 * The file `compile.ts` makes trees, `print.ts` prints them through a `Dialect`.
 */
import type { Type } from '../schema/type.ts'
import type { Callee } from './callee.ts'

export type Expression =
  | Input
  | Literal
  | Property
  | Unary
  | Arithmetic
  | Compare
  | Same
  | Logical
  | Conditional
  | Template
  | Call
  | StructLiteral
  | ListLiteral
  | Variable
  | Each
  | Reduce

interface Node {
  /** What values the expression has; every node is typed when it is made. */
  readonly type: Type
}
/** The lambda's parameter number `index`: the record, or one of the two sides of a reducer. */
export interface Input extends Node {
  readonly kind: 'input'
  readonly index: number
}
export interface Literal extends Node {
  readonly kind: 'literal'
  readonly value: string | number | boolean | null
}
/** `of.name` of a struct; where `of` may be null (only after `?.`) the result is null. */
export interface Property extends Node {
  readonly kind: 'property'
  readonly of: Expression
  readonly name: string
}
/** `!x` by JavaScript's truthiness, `-x` as a double. */
export interface Unary extends Node {
  readonly kind: 'unary'
  readonly op: '!' | '-'
  readonly of: Expression
}
/** Arithmetic on doubles; null counts as 0, as in JavaScript. */
export interface Arithmetic extends Node {
  readonly kind: 'arithmetic'
  readonly op: '+' | '-' | '*' | '/' | '%'
  readonly left: Expression
  readonly right: Expression
}
/** Order of two numbers, false where either is NaN, null counts as 0; or of two strings, by UTF-16 units. */
export interface Compare extends Node {
  readonly kind: 'compare'
  readonly op: '<' | '<=' | '>' | '>='
  readonly left: Expression
  readonly right: Expression
  /** Conditions under which the value is JavaScript's; see `guard.ts`. */
  readonly exactIf?: readonly Expression[]
}
/** `===` (or `!==` where `negated`); NaN is not the same as NaN; null is the same as null. */
export interface Same extends Node {
  readonly kind: 'same'
  readonly negated: boolean
  readonly left: Expression
  readonly right: Expression
}
/** `&&`, `||` and `??` with JavaScript's value: one of the two operands. */
export interface Logical extends Node {
  readonly kind: 'logical'
  readonly op: '&&' | '||' | '??'
  readonly left: Expression
  readonly right: Expression
}
export interface Conditional extends Node {
  readonly kind: 'conditional'
  readonly test: Expression
  readonly then: Expression
  readonly otherwise: Expression
}
/** Concatenation: a template literal, or `+` with a string. Parts are strings, numbers or booleans, maybe null. */
export interface Template extends Node {
  readonly kind: 'template'
  readonly parts: readonly Expression[]
}
/** A method or function of the language. The receiver of a method is the first argument. */
export interface Call extends Node {
  readonly kind: 'call'
  readonly name: Callee
  readonly args: readonly Expression[]
  /** Conditions under which the value is JavaScript's; see `guard.ts`. */
  readonly exactIf?: readonly Expression[]
}
export interface StructLiteral extends Node {
  readonly kind: 'struct'
  /** Whether it stands for the context, of which the tree knows the constants only. */
  readonly isContext?: true
  readonly fields: readonly { readonly name: string; readonly value: Expression }[]
}
export interface ListLiteral extends Node {
  readonly kind: 'list'
  readonly items: readonly Expression[]
  /** JavaScript may have `undefined` in it where the tree has null; see `lists.ts`. */
  readonly hazy?: true
}
/** What a parameter of an inner function holds: an element, its index, or what was reduced so far. */
export interface Variable extends Node {
  readonly kind: 'variable'
  /** Unique in a compiled lambda. */
  readonly id: number
  readonly hazy?: true
}
/** What is done with each element of a list; of a test the truth counts, a boolean that is never null. */
export type EachOperation = 'map' | 'filter' | 'flatMap' | 'some' | 'every' | Found | Order
/** The first or last element or index with a true test: null or -1 where there is none. */
export type Found = 'find' | 'findLast' | 'findIndex' | 'findLastIndex'
/** A stable order by a number, never NaN. */
export type Order = 'ascending' | 'descending'
/** A method of lists with a function, whose parameters are variables. Null where the list is null. */
export interface Each extends Node {
  readonly kind: 'each'
  readonly op: EachOperation
  readonly list: Expression
  /** The ids of the variables that the body may read: the element, and its index from 0. */
  readonly item: number
  readonly index: number
  readonly body: Expression
  readonly hazy?: true
  /** Conditions of the body about elements, as conditions about the list; see `guard.ts`. */
  readonly exactIf?: readonly Expression[]
}
/** `list.reduce(body, initial)`: from the first element to the last. Null where the list is null. */
export interface Reduce extends Node {
  readonly kind: 'reduce'
  readonly list: Expression
  readonly initial: Expression
  /** The ids of the variables that the body may read. */
  readonly accumulator: number
  readonly item: number
  readonly body: Expression
  readonly exactIf?: readonly Expression[]
}

/** A lambda that was compiled: its tree, and the type of what it returns. */
export interface Compiled {
  readonly ok: true
  readonly body: Expression
  /**
   * A condition on the inputs, a boolean that is never null. Where it is false the body does not have JavaScript's
   * value for this record, and the function itself has to be called; absent where the body always has it.
   */
  readonly guard?: Expression
}

/** Why a lambda cannot be compiled. It still runs as JavaScript. */
export interface Refusal {
  readonly ok: false
  /** The construct in the user's own words, as short as possible: `e.name < "m"`. */
  readonly construct: string
  /** Where it stands in the lambda's text: line and column, from 1. */
  readonly line: number
  readonly column: number
  /** One sentence: why its meaning can't be kept exactly. */
  readonly why: string
  /** One sentence: how to write it so that it compiles, or what else to do. */
  readonly cure: string
  /** The lambda's text. */
  readonly text: string
  /** What it returns, as a schema to paste, with `...` for what its text does not tell. */
  readonly returns?: string
}
export type Compilation = Compiled | Refusal

/** The direct parts of an expression, in the order of evaluation. */
export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'input':
    case 'literal':
    case 'variable':
      return []
    case 'property':
    case 'unary':
      return [expression.of]
    case 'arithmetic':
    case 'compare':
    case 'same':
    case 'logical':
      return [expression.left, expression.right]
    case 'conditional':
      return [expression.test, expression.then, expression.otherwise]
    case 'template':
      return expression.parts
    case 'call':
      return expression.args
    case 'struct':
      return expression.fields.map((field) => field.value)
    case 'list':
      return expression.items
    case 'each':
      return [expression.list, expression.body]
    case 'reduce':
      return [expression.list, expression.initial, expression.body]
    default:
      return expression satisfies never
  }
}

/** The ids of the variables that an expression's own inner function binds. */
export const bound = (expression: Expression): readonly number[] =>
  expression.kind === 'each'
    ? [expression.item, expression.index]
    : expression.kind === 'reduce'
      ? [expression.accumulator, expression.item]
      : []

/** Whether an expression reads one of these variables; ids are unique, so none is hidden by another. */
export function reads(
  expression: Expression,
  ids: readonly number[],
  seen: Set<Expression> = new Set(),
): boolean {
  // A shared tree can be exponentially larger than the memory it takes: each part is looked at once.
  if (ids.length === 0 || seen.has(expression)) return false
  seen.add(expression)
  return expression.kind === 'variable'
    ? ids.includes(expression.id)
    : children(expression).some((child) => reads(child, ids, seen))
}
