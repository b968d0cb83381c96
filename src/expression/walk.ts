/** Walking syntax trees. */
import type * as acorn from 'acorn'

/** Whether a test holds for a node of a syntax tree; `test` sees every node, with its ancestors, unless it says yes. */
export function some(
  node: acorn.Node,
  test: (node: acorn.AnyNode, ancestors: readonly acorn.AnyNode[]) => boolean,
  ancestors: readonly acorn.AnyNode[] = [],
): boolean {
  if (test(node as acorn.AnyNode, ancestors)) return true
  const inner = [...ancestors, node as acorn.AnyNode]
  return partsOf(node).some((part) => some(part, test, inner))
}

/** The direct parts of a node. */
export const partsOf = (node: acorn.Node): readonly acorn.AnyNode[] =>
  Object.values(node).flatMap((part) => (Array.isArray(part) ? part : [part]).filter(isNode))

/** Whether a part of a node is a node. */
export const isNode = (value: unknown): value is acorn.AnyNode =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'start' in value

export type FunctionNode =
  | acorn.ArrowFunctionExpression
  | acorn.FunctionExpression
  | acorn.FunctionDeclaration

export const isFunction = (node: acorn.AnyNode): node is FunctionNode =>
  node.type === 'ArrowFunctionExpression' ||
  node.type === 'FunctionExpression' ||
  node.type === 'FunctionDeclaration'

/** The names that a pattern binds. */
export const boundNames = (pattern: acorn.Pattern): readonly string[] =>
  boundIdentifiers(pattern).map(({ name }) => name)

/** The names that a pattern binds, where they stand in it. */
export function boundIdentifiers(pattern: acorn.Pattern): readonly acorn.Identifier[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'AssignmentPattern':
      return boundIdentifiers(pattern.left)
    case 'RestElement':
      return boundIdentifiers(pattern.argument)
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundIdentifiers(element) : []))
    case 'ObjectPattern':
      return pattern.properties.flatMap((part) =>
        boundIdentifiers(part.type === 'RestElement' ? part : part.value),
      )
    default:
      return []
  }
}

/** Every name that is declared anywhere in a syntax tree; under such a name nothing from outside is certain. */
export function declaredNames(root: acorn.Node): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (patterns: readonly (acorn.Pattern | null | undefined)[]): void => {
    for (const name of patterns.flatMap((pattern) => (pattern ? boundNames(pattern) : []))) names.add(name)
  }
  some(root, (node) => {
    if (isFunction(node)) add([...node.params, 'id' in node ? node.id : null])
    if (node.type === 'VariableDeclarator' || node.type === 'ClassDeclaration') add([node.id])
    if (node.type === 'CatchClause') add([node.param])
    return false
  })
  return names
}
