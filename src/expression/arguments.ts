/** What arguments of methods and functions have to be: everything else JavaScript would convert. */
import type { Node } from 'acorn'
import { describe, isNumeric, type Type } from '../schema/type.ts'
import { numeric } from './operators.ts'
import { refuse } from './refuse.ts'
import type { Expression } from './tree.ts'
import { typeOf, type Value } from './value.ts'

/** The one argument of a call. */
export function only(node: Node, name: string, args: readonly Value[]): Value {
  const [argument] = args
  if (!argument || args.length > 1) return refuse(node, `${name} is compiled with one argument`)
  return argument
}

/** Refuses arguments in another number. */
export function count(node: Node, name: string, args: readonly Value[], min: number, max: number): void {
  if (args.length >= min && args.length <= max) return
  const how = min === max ? (min === 1 ? 'one argument' : `${min} arguments`) : `${min} to ${max} arguments`
  refuse(node, max === 0 ? `${name} takes no argument` : `${name} is compiled with ${how}`, 'write it so')
}

/** Refuses an argument that is null or of another type: JavaScript would convert it. */
export function plain(node: Node, argument: Value, kind: Type['kind']): Expression {
  const type = typeOf(argument)
  if (type.kind !== kind || type.nullable || argument.maybeUndefined) {
    refuse(node, `the argument is a ${describe(type)}, and only a ${kind} is compiled`, `make it a ${kind}`)
  }
  return argument.tree
}

/** An argument that counts or points: a number. Null counts as 0, as in JavaScript. */
export const index = (node: Node, name: string, argument: Value): Expression => {
  numeric(node, argument, name)
  return argument.tree
}

/** An argument that must be known when compiling, because some of its values throw: a literal integer. */
export function literalInteger(
  node: Node,
  name: string,
  argument: Value | undefined,
  min: number,
  max: number,
): number {
  const tree = argument?.tree
  const value = tree?.kind === 'literal' ? tree.value : undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  const why = `${name} throws or is not exact for some numbers, so it is compiled for a literal only`
  return refuse(node, why, `write an integer from ${min} to ${max}`)
}

/** Whether the type is a number that is never null. */
export const isNumber = (type: Type): boolean => isNumeric(type) && !type.nullable
