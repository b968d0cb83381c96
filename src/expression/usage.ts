/**
 * What a function uses of its arguments, read from its text.
 *
 * A function that runs as JavaScript gets its record rebuilt from columns, so it matters which fields it can read at
 * all. The answer errs on the safe side: a parameter that is used in any way other than `parameter.field` is taken to
 * be used as a whole.
 */
import type * as acorn from 'acorn'
import { parse } from './parse.ts'
import { some } from './walk.ts'

/** What of one argument is used: some of its fields, or possibly all. */
export type Used = ReadonlySet<string> | 'all'

/** What of each argument a function uses; of those beyond its parameters nothing. */
export function usage(fn: Function): readonly Used[] | 'all' {
  const source = parse(Function.prototype.toString.call(fn))
  const node = source && functionIn(source.program)
  // a function that sees `arguments` sees everything, whatever its parameters are
  if (!node || mentions(node, 'arguments') || mentions(node, 'eval')) return 'all'
  if (node.params.some((parameter) => parameter.type === 'RestElement')) return 'all'
  return node.params.map((parameter) => usedOf(parameter, node))
}

type FunctionNode = acorn.ArrowFunctionExpression | acorn.FunctionExpression

function functionIn(program: acorn.Program): FunctionNode | undefined {
  const statement = program.body[0]
  if (statement?.type !== 'ExpressionStatement') return undefined
  const { expression } = statement
  const first = expression.type === 'ObjectExpression' ? expression.properties[0] : undefined
  const node = first?.type === 'Property' ? first.value : expression
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' ? node : undefined
}

function usedOf(parameter: acorn.Pattern, fn: FunctionNode): Used {
  if (parameter.type === 'AssignmentPattern') return usedOf(parameter.left, fn)
  if (parameter.type === 'ObjectPattern') return namesOf(parameter)
  if (parameter.type !== 'Identifier') return 'all'
  const names = new Set<string>()
  const { name } = parameter
  const isUsedAsWhole = some(fn, (node, ancestors) => {
    const parent = ancestors.at(-1)
    if (node === parameter || node.type !== 'Identifier' || node.name !== name) return false
    if (parent?.type === 'MemberExpression') {
      const field = parent.object === node ? fieldOf(parent) : undefined
      if (field !== undefined) names.add(field)
      // `other.name` only looks like the parameter
      return field === undefined && (parent.object === node || parent.computed)
    }
    return !(
      parent?.type === 'Property' &&
      parent.key === node &&
      !parent.computed &&
      !parent.shorthand &&
      parent.value !== node
    )
  })
  return isUsedAsWhole ? 'all' : names
}

/** The fields that a pattern takes, if it names them all. */
function namesOf(pattern: acorn.ObjectPattern): Used {
  const names = new Set<string>()
  for (const part of pattern.properties) {
    if (part.type === 'RestElement' || part.computed) return 'all'
    names.add(part.key.type === 'Identifier' ? part.key.name : String((part.key as acorn.Literal).value))
  }
  return names
}

function fieldOf({ computed, property }: acorn.MemberExpression): string | undefined {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined
}

const mentions = (root: acorn.Node, name: string): boolean =>
  some(root, (node) => node.type === 'Identifier' && node.name === name)
