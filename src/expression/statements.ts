/** Statements that a tool has added, joined or taken apart, back as they were. */
import type * as acorn from 'acorn'
import { mapParts, Uses } from './bindings.ts'
import { isUndefined } from './nullish.ts'
import { isFunction } from './walk.ts'

type Statement = acorn.Statement | acorn.ModuleDeclaration

/** Whether an expression is a counter of istanbul: `cov_abc().s[3]++`, `cov_abc().b[0][1]++`. */
export function isCounter(node: acorn.Expression, uses: Uses): boolean {
  if (node.type !== 'UpdateExpression' || node.operator !== '++') return false
  let of: acorn.Expression | acorn.Super = node.argument
  while (of.type === 'MemberExpression' && of.computed && of.property.type === 'Literal') of = of.object
  if (of.type !== 'MemberExpression' || of.computed || of.property.type !== 'Identifier') return false
  if (!/^[bfs]$/.test(of.property.name) || of.object.type !== 'CallExpression') return false
  const { callee } = of.object
  if (of.object.arguments.length > 0 || callee.type !== 'Identifier') return false
  return /^cov_[a-z0-9]+$/.test(callee.name) && uses.isOutside(callee.name)
}

/** The statements that one statement stands for. */
export function statementsOf(statement: Statement, uses: Uses): readonly Statement[] {
  switch (statement.type) {
    case 'EmptyStatement':
      return []
    case 'ExpressionStatement':
      return statement.directive === undefined ? effectsOf(statement.expression, uses) : [statement]
    case 'ReturnStatement': {
      const { argument } = statement
      if (argument?.type !== 'SequenceExpression') return [statement]
      const before = argument.expressions.slice(0, -1).flatMap((each) => effectsOf(each, uses))
      return [...before, { ...statement, argument: argument.expressions.at(-1)! }]
    }
    case 'VariableDeclaration':
      return statement.declarations.map((each) => ({ ...statement, declarations: [each] }))
    default:
      return [statement]
  }
}

/** An expression of which only the effects count. */
function effectsOf(node: acorn.Expression, uses: Uses): readonly acorn.Statement[] {
  const { start, end } = node
  if (isCounter(node, uses)) return []
  switch (node.type) {
    case 'SequenceExpression':
      return node.expressions.flatMap((each) => effectsOf(each, uses))
    case 'ConditionalExpression': {
      const { test, consequent, alternate } = node
      const block = (arm: acorn.Expression) => blockOf(arm, effectsOf(arm, uses))
      return [
        { type: 'IfStatement', test, consequent: block(consequent), alternate: block(alternate), start, end },
      ]
    }
    case 'LogicalExpression': {
      if (node.operator !== '&&') break
      const consequent = blockOf(node.right, effectsOf(node.right, uses))
      return [{ type: 'IfStatement', test: node.left, consequent, alternate: null, start, end }]
    }
    case 'Identifier':
      // What is left of `__name(inner, "inner")`.
      if (!uses.isOutside(node.name)) return []
  }
  return [{ type: 'ExpressionStatement', expression: node, start, end } as acorn.ExpressionStatement]
}

const blockOf = ({ start, end }: acorn.Node, body: readonly acorn.Statement[]): acorn.BlockStatement => ({
  type: 'BlockStatement',
  body: [...body],
  start,
  end,
})

/** An `if` whose arms are as they were: what only counted is gone. */
export function armsOf(node: acorn.IfStatement, uses: Uses): acorn.IfStatement {
  const consequent = armOf(node.consequent, uses)
  const alternate = node.alternate && armOf(node.alternate, uses)
  const isEmpty = alternate?.type === 'BlockStatement' && alternate.body.length === 0
  return { ...node, consequent, alternate: isEmpty ? null : (alternate ?? null) }
}

function armOf(arm: acorn.Statement, uses: Uses): acorn.Statement {
  const statements = statementsOf(arm, uses) as readonly acorn.Statement[]
  return statements.length === 1 ? statements[0]! : blockOf(arm, statements)
}

/**
 * Variables that are set where they are declared and never again, declared with `const`; without those that are not
 * used at all any more; and functions that only return something, without their block. The declarations are those that
 * `statementsOf` has taken apart.
 */
export function settled(node: acorn.AnyNode, uses: Uses): acorn.AnyNode {
  // Each time round, a constant is a new one, and a function made there could tell.
  if (/^(For|While|DoWhile)/.test(node.type)) return node
  const inner = mapParts(node, (part) => settled(part, uses))
  if (inner.type === 'ArrowFunctionExpression') return withResult(inner)
  if (inner.type !== 'BlockStatement') return inner
  const used = inner.body.filter((statement) => !isUnused(statement, uses))
  const body = used.map((each, at) => asConstant(each, used.slice(at + 1), uses))
  return { ...inner, body: withDefaults(body, uses) as acorn.Statement[] }
}

/** Whether all that a statement does is to declare a variable that nothing uses. */
function isUnused(statement: Statement, uses: Uses): boolean {
  const declared = statement.type === 'VariableDeclaration' ? statement.declarations[0] : undefined
  if (!declared || declared.init || declared.id.type !== 'Identifier') return false
  const { reads, writes } = uses.of(declared.id.name)
  return reads + writes === 0
}

function asConstant(statement: Statement, after: readonly Statement[], uses: Uses): Statement {
  if (statement.type !== 'VariableDeclaration' || statement.kind === 'const') return statement
  // What is declared as a function can be called, and read the variable, before it is set.
  if (!statement.declarations[0]!.init || after.some(isFunction)) return statement
  const names = new Uses([statement]).declared()
  const behind = new Uses(after)
  const isConstant = names.every((name) => {
    const { declared, reads, writes } = uses.of(name)
    return declared === 1 && writes === 0 && behind.of(name).reads === reads
  })
  return isConstant ? { ...statement, kind: 'const' } : statement
}

/** `const a = e.x, x = a === undefined ? 1 : a` as `const { x = 1 } = e`. */
function withDefaults(body: readonly Statement[], uses: Uses): readonly Statement[] {
  const result: Statement[] = []
  for (const statement of body) {
    const joined = withDefault(result.at(-1), statement, uses)
    if (joined) result.pop()
    result.push(joined ?? statement)
  }
  return result
}

function withDefault(first: Statement | undefined, second: Statement, uses: Uses): Statement | undefined {
  const [temporary, variable] = [constantOf(first), constantOf(second)]
  const chosen = variable?.init
  const field = temporary?.init
  if (temporary?.id.type !== 'Identifier' || chosen?.type !== 'ConditionalExpression') return undefined
  if (field?.type !== 'MemberExpression' || field.computed || field.optional) return undefined
  const { name } = temporary.id
  const { test, consequent, alternate } = chosen
  const isTemporary = (node: acorn.AnyNode) => node.type === 'Identifier' && node.name === name
  if (uses.of(name).reads !== 2 || test.type !== 'BinaryExpression' || test.operator !== '===')
    return undefined
  if (!isTemporary(test.left) || !isUndefined(test.right, uses) || !isTemporary(alternate)) return undefined
  const { start, end } = second
  const value = { type: 'AssignmentPattern', left: variable!.id, right: consequent, start, end }
  const form = { kind: 'init', method: false, shorthand: false, computed: false }
  const property = { type: 'Property', key: field.property, value, ...form, start, end }
  const id = { type: 'ObjectPattern', properties: [property], start, end }
  return { ...second, declarations: [{ ...variable, id, init: field.object }] } as acorn.VariableDeclaration
}

/** What a statement declares with `const`. */
const constantOf = (statement: Statement | undefined): acorn.VariableDeclarator | undefined =>
  statement?.type === 'VariableDeclaration' && statement.kind === 'const'
    ? statement.declarations[0]
    : undefined

/** `(x) => { return y }` as `(x) => y` */
function withResult(node: acorn.ArrowFunctionExpression): acorn.ArrowFunctionExpression {
  const { body } = node
  const statement = body.type === 'BlockStatement' && body.body.length === 1 ? body.body[0] : undefined
  if (statement?.type !== 'ReturnStatement' || !statement.argument) return node
  return { ...node, body: statement.argument, expression: true }
}
