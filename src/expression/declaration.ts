/**
 * The declaration of what a function returns, to paste, as far as its text tells: the fields of the object that it
 * returns, with the types of those that compile by themselves and `...` for those that don't.
 */
import type * as acorn from 'acorn'
import type { Type } from '../schema/type.ts'
import { bind } from './binding.ts'
import { lower } from './lower.ts'
import type { Scope } from './narrow.ts'
import { nameOfKey } from './objects.ts'
import type { FunctionNode } from './parse.ts'
import { Refused } from './refuse.ts'
import { typeOf, type Value } from './value.ts'

/** What is not known; the user fills it in. */
const OPEN = '...'

/** The schema of what a function returns, as its user would write it; `scope` has its parameters. */
export function declarationOf({ body }: FunctionNode, scope: Scope): string {
  if (body.type !== 'BlockStatement') return expressionText(body, scope)
  for (const statement of body.body) {
    if (statement.type === 'VariableDeclaration') declare(statement, scope)
    if (statement.type === 'ReturnStatement' && statement.argument)
      return expressionText(statement.argument, scope)
  }
  return OPEN
}

function declare({ declarations }: acorn.VariableDeclaration, scope: Scope): void {
  for (const { id, init } of declarations) {
    const value = init && lowered(init, scope)
    if (value) attempt(() => bind(id, value, scope))
  }
}

function expressionText(node: acorn.Expression, scope: Scope): string {
  if (node.type === 'ParenthesizedExpression') return expressionText(node.expression, scope)
  if (node.type === 'ObjectExpression') return objectText(node, scope)
  if (node.type === 'ArrayExpression') {
    const [first] = node.elements
    return first && first.type === 'ObjectExpression' ? `[${objectText(first, scope)}]` : OPEN
  }
  const value = lowered(node, scope)
  return value ? schemaText(typeOf(value)) : OPEN
}

function objectText(node: acorn.ObjectExpression, scope: Scope): string {
  const fields = new Map<string, string>()
  for (const part of node.properties) {
    if (part.type === 'SpreadElement') {
      const type = lowered(part.argument, scope)?.tree.type
      if (type?.kind !== 'struct') return OPEN
      for (const { name, type: of } of type.fields) fields.set(name, schemaText(of))
    } else {
      const name = attempt(() => nameOfKey(part))
      if (name === undefined) return OPEN
      fields.set(name, expressionText(part.value, scope))
    }
  }
  const texts = [...fields].map(([name, text]) => `${keyText(name)}: ${text}`)
  return texts.length === 0 ? OPEN : `{ ${texts.join(', ')} }`
}

const keyText = (name: string): string =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name)

/** More fields than anybody would paste. A type can share its parts, and be much larger as a text than in memory. */
const FIELDS_MAX = 200

/** A type as the schema that a user writes. */
export function schemaText(type: Type, budget = { left: FIELDS_MAX }): string {
  const plain = plainText(type, budget)
  if (!type.nullable || plain === OPEN) return plain
  return plain.startsWith("'") ? `${plain.slice(0, -1)}?'` : `nullable(${plain})`
}

function plainText(type: Type, budget: { left: number }): string {
  if (budget.left-- <= 0) return OPEN
  switch (type.kind) {
    case 'null':
      return OPEN
    case 'struct':
      return `{ ${type.fields.map((field) => `${keyText(field.name)}: ${schemaText(field.type, budget)}`).join(', ')} }`
    case 'list': {
      const of = schemaText(type.of, budget)
      return of.startsWith("'") ? `${of.slice(0, -1)}[]'` : of === OPEN ? OPEN : `[${of}]`
    }
    default:
      return `'${type.kind}'`
  }
}

const lowered = (node: acorn.Expression, scope: Scope): Value | undefined => attempt(() => lower(node, scope))

/** What something gives, or nothing where it is refused. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}
