/**
 * What the rules of the compiler pass around: a tree, and whether JavaScript may have `undefined` there.
 *
 * Records hold `null` and never `undefined`, and a tree knows only `null`. Inside a lambda `?.` makes `undefined`
 * all the same, and JavaScript tells the two apart in `=== null`, in arithmetic and in text. So each value carries
 * the possibility, and the rules in which it would show refuse. What leaves a lambda as `undefined` is `null`.
 */
import { BOOLEAN, INTEGER, NULL, numberOf, STRING, type Type } from '../schema/type.ts'
import type { Expression } from './tree.ts'

export interface Value {
  readonly tree: Expression
  readonly maybeUndefined: boolean
}

/** A value of which it is known that it is never `undefined`. */
export const defined = (tree: Expression): Value => ({ tree, maybeUndefined: false })

/** A number that was written down: an integer where it is one, and zero is not negative. */
export function numberLiteral(value: number): Value {
  const integer = Number.isSafeInteger(value) && !Object.is(value, -0)
  return defined({ kind: 'literal', value, type: integer ? INTEGER : numberOf(rangeOfNumber(value)) })
}
const rangeOfNumber = (value: number) =>
  Number.isFinite(value) ? 'finite' : Number.isNaN(value) ? 'any' : 'infinite'

/** A text that was written down. */
export const stringLiteral = (value: string): Value => defined({ kind: 'literal', value, type: STRING })
/** `true` or `false`. */
export const booleanLiteral = (value: boolean): Value => defined({ kind: 'literal', value, type: BOOLEAN })
/** The literal `null`. */
export const NULL_LITERAL: Value = defined({ kind: 'literal', value: null, type: NULL })
/** `undefined`, in all its spellings. */
export const UNDEFINED: Value = { tree: NULL_LITERAL.tree, maybeUndefined: true }

/**
 * What stands in a scope for a name that is declared there and can't be read: it has no value yet, or one that is not
 * compiled. The name does not mean what it means outside.
 */
export const TOO_EARLY: Value = { ...UNDEFINED }

/** The type of a value's tree. */
export const typeOf = (value: Value): Type => value.tree.type

/** Whether the value is the literal `null` or `undefined`. */
export const isNullLiteral = ({ tree }: Value): boolean => tree.kind === 'literal' && tree.value === null
