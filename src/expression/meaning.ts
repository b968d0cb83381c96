/**
 * What a function says, without the way it is written.
 *
 * A function's own text is often not that of its file: types were taken out, quotes and spaces changed, inner functions
 * got their names back, and a test's loader turned what is imported into properties of modules. Two pieces of syntax
 * mean the same if they differ in nothing else.
 */
import type * as acorn from 'acorn'

const WRITTEN_ONLY: ReadonlySet<string> = new Set(['start', 'end', 'raw', 'loc', 'range', 'shorthand'])

/** What a name was imported as, if it was. */
export type Imported = (name: acorn.Identifier) => string | undefined

/** A text that two pieces of syntax share only if they mean the same. */
export const meaningOf = (node: acorn.Node, imported: Imported): string =>
  JSON.stringify(node, (key, value: unknown) => {
    if (WRITTEN_ONLY.has(key)) return undefined
    // a declared function's own text is that of an expression
    if (key === 'type' && value === 'FunctionDeclaration') return 'FunctionExpression'
    if (typeof value === 'bigint') return { bigint: String(value) }
    // a number that JSON does not have
    if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
    if (typeof value !== 'object' || value === null || !('type' in value)) return value
    const bare = withoutWrapper(value as acorn.AnyNode)
    // a key that is not computed is no name, whatever it looks like
    const name = key === 'key' ? undefined : importOf(bare, imported)
    return name === undefined ? bare : { import: name }
  })

/** The parts of a wrapper that a tool writes around a function, or around what is called. */
function withoutWrapper(node: acorn.AnyNode): acorn.AnyNode {
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === '__name') {
    const [fn, name] = node.arguments
    return fn && name?.type === 'Literal' && node.arguments.length === 2 ? fn : node
  }
  if (node.type !== 'SequenceExpression' || node.expressions.length !== 2) return node
  const [first, last] = node.expressions
  return first!.type === 'Literal' && first.value === 0 && moduleProperty(last!) !== undefined ? last! : node
}

function importOf(node: acorn.AnyNode, imported: Imported): string | undefined {
  return node.type === 'Identifier' ? imported(node) : moduleProperty(node)
}

/** The name of what a test's loader takes out of an imported module. */
function moduleProperty(node: acorn.AnyNode): string | undefined {
  if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier')
    return undefined
  const { object } = node
  return object.type === 'Identifier' && /^__(vi|vite_ssr)_import_\d+__$/.test(object.name)
    ? node.property.name
    : undefined
}
