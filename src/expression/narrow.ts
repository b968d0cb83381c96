/**
 * What a condition tells about null: after `e.user && ...`, or in the first arm of `e.user !== null ? ... : ...`,
 * `e.user` is known not to be null, as TypeScript knows it.
 *
 * Facts are about paths: a parameter, also of an inner function, or a property of a path. Nothing changes a record while a lambda runs, so a
 * fact holds in the whole part of the expression that is only evaluated under its condition. In SQL that part may be
 * computed for the other rows too, and be NULL against its type there; AND, OR and CASE never let it through.
 */
import type * as acorn from 'acorn'
import { nonNull } from '../schema/type.ts'
import type { Link } from './calls.ts'
import type { Expression } from './tree.ts'
import { typeofAsked } from './typeof.ts'
import type { Value } from './value.ts'

/** The names a lambda binds, and the paths that are known not to be null. */
export interface Scope {
  readonly names: Map<string, Value>
  readonly notNull: ReadonlySet<string>
  /** The value of a name that the lambda does not bind, where it is known. */
  readonly outer?: (name: string) => { readonly value: unknown } | undefined
  /** How many variables the lambda's inner functions have so far: the next one's id. */
  readonly variables: { count: number }
  /** What the function computes and its value may not hold: its conditions count all the same, see `guardOf`. */
  readonly discarded: Expression[]
}

/** Remembers a value that may not be part of the result. */
export function discard({ tree }: Value, { discarded }: Scope): void {
  discarded.push(tree)
}

/** The path that a tree reads, if it is one. */
function pathOf(tree: Expression): string | undefined {
  if (tree.kind === 'input') return String(tree.index)
  if (tree.kind === 'variable') {
    // An object in an array that was made in the lambda may have undefined in it, null or not.
    return tree.hazy && tree.type.kind === 'struct' ? undefined : `variable ${tree.id}`
  }
  const of = tree.kind === 'property' ? pathOf(tree.of) : undefined
  return of !== undefined && tree.kind === 'property' ? `${of}.${JSON.stringify(tree.name)}` : undefined
}

/** A link of which the scope may know that it is not null. */
export function narrowed(link: Link, { notNull }: Scope): Link {
  if (notNull.size === 0 || !notNull.has(pathOf(link.tree) ?? '')) return link
  const tree = { ...link.tree, type: nonNull(link.tree.type) }
  return { tree, maybeUndefined: false, nullItself: false, ended: false }
}

/** The scope of what is evaluated only if `test` is true (or, where `outcome` is false, only if it is false). */
export const under = (test: acorn.Expression, outcome: boolean, scope: Scope, lower: Lower): Scope =>
  knowing(factsOf(test, outcome, scope, lower), scope)

const knowing = (facts: readonly string[], scope: Scope): Scope =>
  facts.length === 0 ? scope : { ...scope, notNull: new Set([...scope.notNull, ...facts]) }

export type Lower = (node: acorn.Expression, scope: Scope) => Value

/** The paths that are not null where `test` has this outcome. Only names and properties are ever lowered for it. */
function factsOf(test: acorn.Expression, outcome: boolean, scope: Scope, lower: Lower): readonly string[] {
  switch (test.type) {
    case 'UnaryExpression':
      return test.operator === '!' ? factsOf(test.argument, !outcome, scope, lower) : []
    case 'LogicalExpression': {
      if (test.operator !== (outcome ? '&&' : '||')) return []
      const left = factsOf(test.left, outcome, scope, lower)
      return [...left, ...factsOf(test.right, outcome, knowing(left, scope), lower)]
    }
    case 'BinaryExpression': {
      const asked = typeofAsked(test)
      if (asked && asked.negated !== outcome && asked.name !== 'object' && asked.name !== 'undefined') {
        return isPath(asked.of) ? pathsOf(lower(asked.of, scope).tree) : []
      }
      const compared = comparedWithNull(test, outcome ? '!=' : '==')
      return compared && isPath(compared) ? pathsOf(lower(compared, scope).tree) : []
    }
    default:
      return outcome && isPath(test) ? pathsOf(lower(test, scope).tree) : []
  }
}

/** What is compared with null by this operator or its strict form. `!== undefined` lets null through. */
function comparedWithNull(test: acorn.BinaryExpression, loose: '!=' | '=='): acorn.Expression | undefined {
  const { left, right, operator } = test
  if ((operator !== loose && operator !== `${loose}=`) || left.type === 'PrivateIdentifier') return undefined
  const isNull = (side: acorn.Expression) =>
    (side.type === 'Literal' && side.raw === 'null') ||
    (operator === loose && side.type === 'Identifier' && side.name === 'undefined') ||
    (operator === loose && side.type === 'UnaryExpression' && side.operator === 'void')
  return isNull(right) ? left : isNull(left) ? right : undefined
}

/** Whether the syntax is a name, or properties of one. */
function isPath(node: acorn.Expression | acorn.Super): boolean {
  if (node.type === 'ChainExpression') return isPath(node.expression)
  return node.type === 'Identifier' || (node.type === 'MemberExpression' && isPath(node.object))
}

/** A path and all it goes through: `e.user?.name` is not null only if `e.user` isn't. */
function pathsOf(tree: Expression): readonly string[] {
  const path = pathOf(tree)
  if (path === undefined) return []
  return tree.kind === 'property' ? [...pathsOf(tree.of), path] : [path]
}
