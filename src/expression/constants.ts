/**
 * Names to values by the rules of scope: what a variable with a literal initialiser holds that nothing assigns to, and whether a name is a
 * parameter, something else, or free.
 */
import type * as acorn from 'acorn'
import { boundNames, type FunctionNode, isFunction, some } from './walk.ts'

/** A value that is known, or `NOT_KNOWN`. */
export type Known = unknown
export const NOT_KNOWN: unique symbol = Symbol('not known')

/** What a name stands for. */
export type Found =
  | { readonly kind: 'value'; readonly value: Known }
  /** A parameter: of which function, its index, and the properties that lead from it to the value. */
  | {
      readonly kind: 'parameter'
      readonly of: FunctionNode
      readonly index: number
      readonly path: readonly string[]
      readonly rest: readonly string[]
    }
  /** Declared nowhere in the syntax at hand; the name that is to be looked up further out. */
  | { readonly kind: 'free'; readonly name: string }
  | { readonly kind: 'unknown' }

const UNKNOWN: Found = { kind: 'unknown' }
const known = (value: Known): Found => (value === NOT_KNOWN ? UNKNOWN : { kind: 'value', value })

/**
 * What a name stands for at a place.
 * @param ancestors the nodes around the place, outermost first
 * @param root all of the syntax: an object is known only if nothing in it changes the object
 */
export function constantIn(name: string, ancestors: readonly acorn.AnyNode[], root: acorn.Program): Found {
  for (let depth = ancestors.length - 1; depth >= 0; depth--) {
    const scope = ancestors[depth]!
    if (isFunction(scope)) {
      const index = scope.params.findIndex((parameter) => boundNames(parameter).includes(name))
      if (index >= 0) {
        const path = pathTo(scope.params[index]!, name)
        return path ? { kind: 'parameter', of: scope, index, path, rest: [] } : UNKNOWN
      }
      if (scope.type === 'FunctionExpression' && scope.id?.name === name) return UNKNOWN
    }
    const declared = declarationOf(name, scope)
    if (declared === 'other') return UNKNOWN
    // bundlers write `var` for `const`: what nothing assigns to holds what it was given
    if (declared && isAssigned(name, root)) return UNKNOWN
    if (declared) return initialised(name, declared, ancestors.slice(0, depth + 1), root)
  }
  return { kind: 'free', name }
}

/** The one variable that a name is in a scope, `other` for any other declaration, or nothing. */
function declarationOf(name: string, scope: acorn.AnyNode): acorn.VariableDeclarator | 'other' | undefined {
  if (scope.type === 'CatchClause')
    return scope.param && boundNames(scope.param).includes(name) ? 'other' : undefined
  if (scope.type === 'ForStatement') return heads([scope.init], name)
  if (scope.type === 'ForInStatement' || scope.type === 'ForOfStatement') return heads([scope.left], name)
  if (scope.type === 'SwitchStatement')
    return among(
      scope.cases.flatMap((each) => each.consequent),
      name,
    )
  if (scope.type !== 'BlockStatement' && scope.type !== 'Program' && scope.type !== 'StaticBlock')
    return undefined
  return among(scope.body, name)
}

const heads = (nodes: readonly (acorn.AnyNode | null | undefined)[], name: string): 'other' | undefined =>
  nodes.some((node) => node?.type === 'VariableDeclaration' && declares(node, name)) ? 'other' : undefined

function among(
  statements: readonly (acorn.Statement | acorn.ModuleDeclaration)[],
  name: string,
): acorn.VariableDeclarator | 'other' | undefined {
  for (const statement of statements) {
    const isExported = statement.type === 'ExportNamedDeclaration'
    const declaration = isExported ? statement.declaration : statement
    if (!declaration) continue
    if (declaration.type === 'VariableDeclaration' && declares(declaration, name)) {
      const [declarator, ...others] = declaration.declarations.filter(({ id }) =>
        boundNames(id).includes(name),
      )
      const isOnly = others.length === 0 && (declaration.kind !== 'var' || varsOf(statements, name) === 1)
      return isOnly ? declarator! : 'other'
    }
    if (
      (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') &&
      declaration.id?.name === name
    )
      return 'other'
    if (
      declaration.type === 'ImportDeclaration' &&
      declaration.specifiers.some(({ local }) => local.name === name)
    )
      return 'other'
  }
  // a `var` further inside belongs to the function around it, and holds its value only if it is reached
  return varsOf(statements, name) > 0 ? 'other' : undefined
}

/** How many `var` declare a name in statements, outside of inner functions. */
function varsOf(statements: readonly acorn.AnyNode[], name: string): number {
  let count = 0
  for (const statement of statements)
    some(statement, (node, inside) => {
      if (node.type === 'VariableDeclaration' && node.kind === 'var' && !inside.some(isFunction))
        count += node.declarations.filter(({ id }) => boundNames(id).includes(name)).length
      return false
    })
  return count
}

/** Whether anything is assigned to a variable of this name after its declaration, in whatever scope. */
const isAssigned = (name: string, root: acorn.Program): boolean =>
  some(root, (node) => {
    if (node.type === 'AssignmentExpression') return boundNames(node.left).includes(name)
    if (node.type === 'UpdateExpression')
      return node.argument.type === 'Identifier' && node.argument.name === name
    if (node.type === 'ForInStatement' || node.type === 'ForOfStatement')
      return node.left.type !== 'VariableDeclaration' && boundNames(node.left).includes(name)
    return false
  })

const declares = ({ declarations }: acorn.VariableDeclaration, name: string): boolean =>
  declarations.some(({ id }) => boundNames(id).includes(name))

/** What a constant was given. */
function initialised(
  name: string,
  { id, init }: acorn.VariableDeclarator,
  ancestors: readonly acorn.AnyNode[],
  root: acorn.Program,
): Found {
  const path = pathTo(id, name)
  if (!path || !init) return UNKNOWN
  const found = evaluate(init, ancestors, root)
  if (found.kind === 'parameter') return { ...found, rest: [...found.rest, ...path] }
  if (found.kind !== 'value') return UNKNOWN
  const value = path.reduce<Known>(propertyOf, found.value)
  const isObject = typeof value === 'object' && value !== null
  return isObject && !isFrozen(init) && isChanged(name, value, root) ? UNKNOWN : known(value)
}

const isFrozen = (node: acorn.Expression): boolean =>
  node.type === 'CallExpression' && calleeText(node) === 'Object.freeze'

function calleeText({ callee }: acorn.CallExpression): string | undefined {
  if (callee.type !== 'MemberExpression' || callee.computed) return undefined
  if (callee.object.type !== 'Identifier' || callee.property.type !== 'Identifier') return undefined
  return `${callee.object.name}.${callee.property.name}`
}

/** The value of an expression that needs nothing but constants. */
function evaluate(node: acorn.AnyNode, ancestors: readonly acorn.AnyNode[], root: acorn.Program): Found {
  const value = (part: acorn.AnyNode): Known => {
    const found = evaluate(part, ancestors, root)
    return found.kind === 'value' ? found.value : NOT_KNOWN
  }
  switch (node.type) {
    case 'Literal':
      return node.regex || typeof node.value === 'bigint' ? UNKNOWN : known(node.value)
    case 'ParenthesizedExpression':
      return evaluate(node.expression, ancestors, root)
    case 'TemplateLiteral':
      return node.expressions.length > 0 ? UNKNOWN : known(node.quasis[0]!.value.cooked ?? NOT_KNOWN)
    case 'UnaryExpression':
      return known(unary(node.operator, value(node.argument)))
    case 'BinaryExpression':
      return known(binary(node.operator, value(node.left), value(node.right)))
    case 'ArrayExpression':
      return known(listOf(node.elements.map((element) => (element ? value(element) : NOT_KNOWN))))
    case 'ObjectExpression':
      return known(recordOf(node, value))
    case 'CallExpression':
      return isFrozen(node) && node.arguments.length === 1
        ? evaluate(node.arguments[0]!, ancestors, root)
        : UNKNOWN
    case 'Identifier':
      return node.name === 'undefined' ? UNKNOWN : constantIn(node.name, ancestors, root)
    case 'MemberExpression': {
      const name = nameOf(node)
      if (name === undefined || node.object.type === 'Super') return UNKNOWN
      const of = evaluate(node.object, ancestors, root)
      if (of.kind === 'parameter') return { ...of, rest: [...of.rest, name] }
      return of.kind === 'value' ? known(propertyOf(of.value, name)) : UNKNOWN
    }
    default:
      return UNKNOWN
  }
}

function nameOf({ computed, property }: acorn.MemberExpression): string | undefined {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined
}

function unary(operator: acorn.UnaryOperator, value: Known): Known {
  if (operator === '!' && typeof value === 'boolean') return !value
  if (typeof value !== 'number') return NOT_KNOWN
  return operator === '-' ? -value : operator === '+' ? value : NOT_KNOWN
}

function binary(operator: acorn.BinaryOperator, a: Known, b: Known): Known {
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return a + b
  if (typeof a !== 'number' || typeof b !== 'number') return NOT_KNOWN
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    case '**':
      return a ** b
    default:
      return NOT_KNOWN
  }
}

const listOf = (items: readonly Known[]): Known => (items.includes(NOT_KNOWN) ? NOT_KNOWN : items)

function recordOf({ properties }: acorn.ObjectExpression, value: (node: acorn.AnyNode) => Known): Known {
  const record: Record<string, unknown> = {}
  for (const part of properties) {
    if (part.type !== 'Property' || part.computed || part.kind !== 'init' || part.method) return NOT_KNOWN
    const name = part.key.type === 'Identifier' ? part.key.name : String((part.key as acorn.Literal).value)
    const own = value(part.value)
    if (own === NOT_KNOWN || name === '__proto__') return NOT_KNOWN
    record[name] = own
  }
  return record
}

function propertyOf(of: Known, name: string): Known {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, name)) return NOT_KNOWN
  return (of as Record<string, unknown>)[name]
}

/** The properties that lead from what is given to a pattern to one of its names; nothing where a default is on the way. */
function pathTo(pattern: acorn.Pattern, name: string): readonly string[] | undefined {
  if (pattern.type === 'Identifier') return pattern.name === name ? [] : undefined
  if (pattern.type !== 'ObjectPattern') return undefined
  for (const part of pattern.properties) {
    if (part.type === 'RestElement' || part.computed || !boundNames(part.value).includes(name)) continue
    const key = part.key.type === 'Identifier' ? part.key.name : String((part.key as acorn.Literal).value)
    const rest = pathTo(part.value, name)
    return rest && [key, ...rest]
  }
  return undefined
}

/** Methods of lists that only read them. */
const READING: ReadonlySet<string> = new Set(
  'at concat every filter find findIndex findLast flat flatMap forEach includes indexOf join lastIndexOf map reduce slice some toReversed toSorted with'.split(
    ' ',
  ),
)

/** Whether an object under this name may be changed anywhere: it is used in a way that is not certainly reading. */
const isChanged = (name: string, value: object, root: acorn.Program): boolean =>
  some(root, (node, ancestors) => {
    if (node.type !== 'Identifier' || node.name !== name) return false
    const parent = ancestors.at(-1)
    // who imports an object may change it
    if (parent?.type === 'VariableDeclarator' && parent.id === node)
      return ancestors.at(-3)?.type === 'ExportNamedDeclaration'
    if (parent?.type === 'Property' && parent.key === node && parent.value !== node) return false
    if (parent?.type === 'MemberExpression' && parent.object !== node && !parent.computed) return false
    return !isRead(node, value, ancestors)
  })

/** Whether a use of an object only reads it: what comes out of it is no object, or is taken apart at once. */
function isRead(node: acorn.AnyNode, value: unknown, ancestors: readonly acorn.AnyNode[]): boolean {
  const outer = ancestors.at(-1)
  if (!outer) return true
  if (outer.type === 'SpreadElement') return true
  if (outer.type === 'MemberExpression' && outer.object === node) {
    const name = nameOf(outer)
    const method = ancestors.at(-2)
    if (Array.isArray(value) && method?.type === 'CallExpression' && method.callee === outer)
      return READING.has(name ?? '')
    // an element at a computed place may be any of them
    const inner = name === undefined ? Object.values(value as object)[0] : propertyOf(value, name)
    return isRead(outer, inner === NOT_KNOWN ? undefined : inner, ancestors.slice(0, -1))
  }
  if (outer.type === 'AssignmentExpression' && outer.left === node) return false
  if (outer.type === 'UpdateExpression') return false
  if (outer.type === 'UnaryExpression' && outer.operator === 'delete') return false
  return typeof value !== 'object' || value === null
}
