/** Trees made of other trees. */
import type { Expression } from './tree.ts'

/**
 * The same expression over another input: every `input` node is replaced.
 * @param input what stands for the first input
 */
export function substitute(tree: Expression, input: Expression): Expression {
  const go = (part: Expression): Expression => substitute(part, input)
  switch (tree.kind) {
    case 'input':
      return input
    case 'literal':
    case 'variable':
      return tree
    case 'property':
    case 'unary':
      return { ...tree, of: go(tree.of) }
    case 'arithmetic':
    case 'compare':
    case 'same':
    case 'logical':
      return { ...tree, left: go(tree.left), right: go(tree.right) }
    case 'conditional': {
      const [test, then, otherwise] = [tree.test, tree.then, tree.otherwise].map(go) as [
        Expression,
        Expression,
        Expression,
      ]
      return { ...tree, test, then, otherwise }
    }
    case 'template':
      return { ...tree, parts: tree.parts.map(go) }
    case 'call':
      return { ...tree, args: tree.args.map(go) }
    case 'struct':
      return { ...tree, fields: tree.fields.map(({ name, value }) => ({ name, value: go(value) })) }
    case 'list':
      return { ...tree, items: tree.items.map(go) }
    // Only inputs are replaced, and what replaces them reads no variable, so none can be captured.
    case 'each':
      return { ...tree, list: go(tree.list), body: go(tree.body) }
    case 'reduce':
      return { ...tree, list: go(tree.list), initial: go(tree.initial), body: go(tree.body) }
    default:
      return tree satisfies never
  }
}
