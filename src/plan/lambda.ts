/** A user's function in a plan: the function itself, and what the compiler made of it. */
import { compile, type Purpose } from '../expression/compile.ts'
import type { Compilation, Expression } from '../expression/tree.ts'
import type { Type } from '../schema/type.ts'

export interface Lambda {
  /** The user's own function; the memory engine calls it. */
  readonly fn: (...inputs: any[]) => unknown
  readonly compiled: Compilation
}

/**
 * Compiles a user's function against the types of its inputs.
 * @param inputs the types, `undefined` where an earlier step's type is not known
 * @param purpose `test` where only the truth of the result matters
 */
export function bind(
  fn: (...inputs: any[]) => unknown,
  inputs: readonly (Type | undefined)[],
  purpose: Purpose = 'value',
): Lambda {
  const known = inputs.filter((type) => type !== undefined)
  if (known.length === inputs.length) {
    return Object.freeze({ fn, compiled: always(fn, compile(fn, known, { purpose })) })
  }
  const text = Function.prototype.toString.call(fn)
  return Object.freeze<Lambda>({
    fn,
    compiled: {
      ok: false,
      construct: text.length > 60 ? `${text.slice(0, 57)}...` : text,
      line: 1,
      column: 1,
      why: 'the type of its input is not known, because an earlier step is not compiled.',
      cure: 'Make the earlier step compile first.',
      text,
    },
  })
}

/** A compilation without a guard; no engine calls the function for the records on which a guard is false. */
function always(fn: Function, compiled: Compilation): Compilation {
  if (!compiled.ok || !compiled.guard) return compiled
  const text = Function.prototype.toString.call(fn)
  return {
    ok: false,
    construct: text.length > 60 ? `${text.slice(0, 57)}...` : text,
    line: 1,
    column: 1,
    why: 'It is exact only for texts without characters above U+FFFF, and for valid dates.',
    cure: 'Run with --engine memory, which calls the function itself.',
    text,
  }
}

/** What a lambda returns, where that is known. */
export const resultType = (lambda: Lambda): Type | undefined =>
  lambda.compiled.ok ? lambda.compiled.body.type : undefined

/** The tree of a lambda that is known to be compiled. */
export function bodyOf(lambda: Lambda): Expression {
  if (!lambda.compiled.ok) throw new Error(`not compiled: ${lambda.compiled.construct}`)
  return lambda.compiled.body
}
