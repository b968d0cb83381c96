/**
 * What tools have done to a function, undone: from syntax to syntax, with the same meaning.
 *
 * Transpilers write new syntax in old one, minifiers write it shorter, coverage counts what runs, and the compiler
 * knows what people write. Each rule stands for one rewrite of one tool and holds for what people write, too. What is
 * not recognised for sure stays as it is, and then the compiler decides. Nodes keep their positions, and new ones have
 * those of what they stand for, so that a refusal shows the text.
 *
 * The functions that tools add (`__assign`, `_object_spread`) are known by their names, where a function does not
 * declare them itself.
 */
import type * as acorn from 'acorn'
import { mapParts, partsOf, Uses, withOwnNames } from './bindings.ts'
import { isUndefined, nullish, nullishBoolean, truth } from './nullish.ts'
import { asRecord, asTemplate, elementsOf, spreadList, spreadRecord } from './spread.ts'
import { armsOf, isCounter, settled, statementsOf } from './statements.ts'
import { isFunction } from './walk.ts'

/** The program as it was before the tools, as far as that is sure. */
export function normalise(program: acorn.Program): acorn.Program {
  const named = withOwnNames(program)
  const uses = new Uses([named])
  // A text that is run sees and changes all names.
  if (uses.of('eval').reads > 0) return program
  const { rewrite } = new Rewriting(uses)
  const rewritten = rewrite(named) as acorn.Program
  return settled(rewritten, new Uses([rewritten])) as acorn.Program
}

class Rewriting {
  readonly #uses: Uses

  constructor(uses: Uses) {
    this.#uses = uses
  }

  /** A node with all that is in it, rewritten from the inside. */
  rewrite = (node: acorn.AnyNode): acorn.AnyNode => {
    const outer = node.type === 'CallExpression' ? (asTemplate(node) ?? node) : node
    return this.#rewritten(mapParts(outer as acorn.AnyNode, (part, key) => this.#part(outer, part, key)))
  }

  #part(node: acorn.AnyNode, part: acorn.AnyNode, key: string): acorn.AnyNode {
    const rewritten = this.rewrite(part)
    if (part.type === 'SequenceExpression' && dependsOnForm(node, key)) {
      // `(0, a.b)()` calls b without its receiver.
      return rewritten.type === 'Identifier' && rewritten.name !== 'eval' ? rewritten : part
    }
    const isInner = rewritten.type === 'FunctionExpression' && (key === 'arguments' || key === 'init')
    return isInner ? this.#arrow(rewritten) : rewritten
  }

  #rewritten(node: acorn.AnyNode): acorn.AnyNode {
    switch (node.type) {
      case 'BlockStatement':
        return {
          ...node,
          body: node.body.flatMap((each) => statementsOf(each, this.#uses)) as acorn.Statement[],
        }
      case 'IfStatement':
        return { ...armsOf(node, this.#uses), test: truth(node.test, this.#uses) }
      case 'SequenceExpression':
        return this.#sequence(node)
      case 'ConditionalExpression':
        return nullish(node, this.#uses) ?? { ...node, test: truth(node.test, this.#uses) }
      case 'LogicalExpression':
        return nullishBoolean(node, this.#uses) ?? node
      case 'UnaryExpression':
        if (node.operator !== '!') return node
        if (isNumber(node.argument)) return booleanOf(node, node.argument)
        return { ...node, argument: truth(node.argument, this.#uses) }
      case 'BinaryExpression':
        return this.#constantRight(node)
      case 'CallExpression':
        return this.#call(node)
      case 'ObjectExpression':
        return { ...node, properties: node.properties.flatMap(asRecord) }
      case 'ArrayExpression':
        return { ...node, elements: node.elements.flatMap((each) => (each ? elementsOf(each) : [each])) }
      default:
        return node
    }
  }

  /** A comma expression without what only counts or does nothing. */
  #sequence(node: acorn.SequenceExpression): acorn.Expression {
    const last = node.expressions.at(-1)!
    const effects = node.expressions.slice(0, -1).filter((each) => !this.#isCounter(each) && !isNumber(each))
    return effects.length === 0 ? last : { ...node, expressions: [...effects, last] }
  }

  #isCounter(node: acorn.Expression): boolean {
    return isCounter(node, this.#uses)
  }

  /** A comparison that a minifier has turned round: `null === x`. */
  #constantRight(node: acorn.BinaryExpression): acorn.BinaryExpression {
    const { left, right } = node
    const isConstant = (side: acorn.AnyNode) =>
      (side.type === 'Literal' && !side.regex) || isUndefined(side, this.#uses)
    if (!SYMMETRIC.has(node.operator) || left.type === 'PrivateIdentifier') return node
    return isConstant(left) && !isConstant(right) ? { ...node, left: right, right: left } : node
  }

  #call(node: acorn.CallExpression): acorn.Expression {
    if (node.optional) return node
    const name = this.#outsideName(node.callee)
    const [first, second] = node.arguments
    switch (name) {
      case 'RegExp':
        return patternOf(node) ?? node
      case '__name':
        return node.arguments.length === 2 && first && isNamed(first) ? first : node
      case 'Math.pow':
      case '__pow':
        return node.arguments.length === 2 ? (power(node, first!, second!) ?? node) : node
    }
    return spreadRecord(node, name) ?? spreadList(node, name) ?? node
  }

  /** The name of a function that the text does not declare: `f`, or `A.f` of an object. */
  #outsideName(callee: acorn.Expression | acorn.Super): string | undefined {
    if (callee.type === 'Identifier') return this.#uses.isOutside(callee.name) ? callee.name : undefined
    if (callee.type !== 'MemberExpression' || callee.computed || callee.optional) return undefined
    const { object, property } = callee
    if (object.type !== 'Identifier' || property.type !== 'Identifier') return undefined
    return this.#uses.isOutside(object.name) ? `${object.name}.${property.name}` : undefined
  }

  /** A `function` as an arrow function where it does not need more. */
  #arrow(node: acorn.FunctionExpression): acorn.FunctionExpression | acorn.ArrowFunctionExpression {
    if (node.async || node.generator || needsOwn(node.body) || node.params.some(needsOwn)) return node
    if (node.id && this.#uses.of(node.id.name).reads + this.#uses.of(node.id.name).writes > 0) return node
    return { ...node, type: 'ArrowFunctionExpression', id: null, expression: false }
  }
}

const SYMMETRIC: ReadonlySet<string> = new Set(['===', '!==', '==', '!='])

const isNumber = (node: acorn.AnyNode): node is acorn.Literal =>
  node.type === 'Literal' && typeof node.value === 'number'

/** `!0` and `!1` */
const booleanOf = ({ start, end }: acorn.Node, { value }: acorn.Literal): acorn.Literal => ({
  type: 'Literal',
  value: !value,
  raw: String(!value),
  start,
  end,
})

/** Whether it matters to a node whether the part under this key is a name, a property or a value. */
const dependsOnForm = (node: acorn.AnyNode, key: string): boolean =>
  key === 'callee' || key === 'tag' || (node.type === 'UnaryExpression' && /^[a-z]/.test(node.operator))

/** What `__name` may stand around: what has a name, as a value or declared before. */
const isNamed = (node: acorn.AnyNode): node is acorn.Expression =>
  node.type === 'Identifier' ||
  node.type === 'ArrowFunctionExpression' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ClassExpression'

/** `RegExp("a", "i")` as `/a/i`. */
function patternOf({ arguments: parts, start, end }: acorn.CallExpression): acorn.Literal | undefined {
  const [pattern, flags] = parts.map((part) =>
    part.type === 'Literal' && typeof part.value === 'string' ? part.value : undefined,
  )
  if (pattern === undefined || (parts.length !== 1 && (parts.length !== 2 || flags === undefined)))
    return undefined
  try {
    const value = new RegExp(pattern, flags)
    const regex = { pattern: value.source, flags: value.flags }
    return { type: 'Literal', value, raw: String(value), regex, start, end }
  } catch {
    return undefined
  }
}

function power(
  { start, end }: acorn.Node,
  left: acorn.Expression | acorn.SpreadElement,
  right: acorn.Expression | acorn.SpreadElement,
): acorn.BinaryExpression | undefined {
  if (left.type === 'SpreadElement' || right.type === 'SpreadElement') return undefined
  return { type: 'BinaryExpression', operator: '**', left, right, start, end }
}

/** Whether a function uses what an arrow function has not of its own. */
function needsOwn(node: acorn.AnyNode): boolean {
  if (node.type === 'ThisExpression' || node.type === 'Super' || node.type === 'MetaProperty') return true
  if (node.type === 'Identifier') return node.name === 'arguments' || node.name === 'eval'
  if (isFunction(node) && node.type !== 'ArrowFunctionExpression') return false
  return partsOf(node).some(([part]) => needsOwn(part))
}
