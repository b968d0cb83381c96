/**
 * Syntax to tree: one case per kind of syntax, each handing typed operands to the rules of `operators.ts` and
 * `calls.ts`. Names are looked up in a scope of values; there is nothing else a name can mean.
 *
 * An optional chain `a?.b.c` ends as a whole where `a` is null. So along a chain a link knows two things: whether
 * it is null by itself (then the next access needs its own `?.`), and whether the chain may already have ended.
 */
import type * as acorn from 'acorn'
import {
  callFunction,
  callMethod,
  elementLink,
  type Link,
  linkOf,
  methodLink,
  NAMESPACES,
  property,
} from './calls.ts'
import { constantValue } from './constant-value.ts'
import { newDate } from './dates.ts'
import { eachMethod, takesFunction } from './each.ts'
import { patternValue } from './inner.ts'
import { discard, narrowed, type Scope, under } from './narrow.ts'
import { bits, bitsNot, constantNamed, isBitOperator, power, toNumber } from './numbers.ts'
import { arrayOf, objectOf } from './objects.ts'
import { arithmetic, compare, conditional, logical, negate, not, same, template } from './operators.ts'
import { AS_IT_IS, refuse } from './refuse.ts'
import { isTypeof, typeofAsked, typeofOf } from './typeof.ts'
import {
  booleanLiteral,
  NULL_LITERAL,
  numberLiteral,
  stringLiteral,
  TOO_EARLY,
  typeOf,
  UNDEFINED,
  type Value,
} from './value.ts'

const HOW_TO_ASSIGN = 'declare a const with its one value: `const x = a ? b : c`'

/** Why syntax that has no case of its own is refused: `[why, cure]`. */
const REASONS: Readonly<Partial<Record<acorn.AnyNode['type'], readonly [string, string?]>>> = {
  ThisExpression: ['`this` is not part of the record', `use the parameter, or ${AS_IT_IS}`],
  AssignmentExpression: ['an assignment changes something', HOW_TO_ASSIGN],
  UpdateExpression: ['an assignment changes something', HOW_TO_ASSIGN],
  AwaitExpression: ['`await` waits for something outside the record'],
  ArrowFunctionExpression: ['a function inside the lambda is not compiled'],
  FunctionExpression: ['a function inside the lambda is not compiled'],
  ClassExpression: ['a class is not a value of a record'],
  ImportExpression: ['`import` reads something from outside the record'],
  TaggedTemplateExpression: ['a tag is a function from outside the lambda'],
}

const NEW = ['`new` makes an object that SQL does not have'] as const

/** The value of an expression. */
export function lower(node: acorn.Expression | acorn.PrivateIdentifier | acorn.Super, scope: Scope): Value {
  const go = (part: acorn.Expression | acorn.PrivateIdentifier) => lower(part, scope)
  switch (node.type) {
    case 'ParenthesizedExpression':
      return go(node.expression)
    case 'Identifier':
      return narrowed(linkOf(nameOf(node, scope)), scope)
    case 'Literal':
      return literalOf(node)
    case 'TemplateLiteral':
      return templateOf(node, scope)
    case 'UnaryExpression':
      return unaryOf(node, scope)
    case 'BinaryExpression':
      return binaryOf(node, scope)
    case 'LogicalExpression':
      return logical(node, node.operator, go(node.left), lower(node.right, rightScope(node, scope)))
    case 'ConditionalExpression':
      return conditional(
        node,
        lowerTest(node.test, scope),
        lower(node.consequent, under(node.test, true, scope, lower)),
        lower(node.alternate, under(node.test, false, scope, lower)),
      )
    case 'SequenceExpression':
      return lower(lastOf(node, scope), scope)
    case 'ObjectExpression':
      return objectOf(node, scope, lower)
    case 'ArrayExpression':
      return arrayOf(node, scope, lower)
    case 'MemberExpression':
    case 'CallExpression':
      return link(node, scope)
    case 'NewExpression': {
      const { callee } = node
      const isDate = callee.type === 'Identifier' && callee.name === 'Date' && !scope.names.has('Date')
      return isDate ? newDate(node, argumentsOf(node, scope)) : refuse(node, ...NEW)
    }
    case 'ChainExpression': {
      const end = link(node.expression, scope)
      return { tree: end.tree, maybeUndefined: end.maybeUndefined || end.ended }
    }
    default: {
      const [why, cure] = REASONS[node.type] ?? [`this syntax (${node.type}) is not compiled`]
      return refuse(node, why, cure)
    }
  }
}

/** The truth of an expression. Under `&&` and `||` only the truth of the operands counts, whatever their types. */
export function lowerTest(node: acorn.Expression, scope: Scope): Value {
  if (node.type === 'ParenthesizedExpression') return lowerTest(node.expression, scope)
  if (node.type === 'SequenceExpression') return lowerTest(lastOf(node, scope), scope)
  if (node.type === 'LogicalExpression' && node.operator !== '??') {
    return logical(
      node,
      node.operator,
      lowerTest(node.left, scope),
      lowerTest(node.right, rightScope(node, scope)),
    )
  }
  const value = lower(node, scope)
  return typeOf(value).kind === 'boolean' && !typeOf(value).nullable ? value : not(not(value))
}

/** The last of a sequence, which is its value. The others have no effect, if they compile. */
function lastOf({ expressions }: acorn.SequenceExpression, scope: Scope): acorn.Expression {
  for (const each of expressions.slice(0, -1)) discard(lower(each, scope), scope)
  return expressions.at(-1)!
}

/** The right side of `&&` is evaluated only if the left is true, of `||` only if it is false. */
const rightScope = (node: acorn.LogicalExpression, scope: Scope): Scope =>
  node.operator === '??' ? scope : under(node.left, node.operator === '&&', scope, lower)

function nameOf(node: acorn.Identifier, scope: Scope): Value {
  const value = scope.names.get(node.name)
  if (value === TOO_EARLY) {
    refuse(
      node,
      `\`${node.name}\` has no value here, or one that is not compiled`,
      'declare a const before it',
    )
  }
  if (value) return value
  if (node.name === 'undefined') return UNDEFINED
  if (node.name === 'NaN') return numberLiteral(Number.NaN)
  if (node.name === 'Infinity') return numberLiteral(Number.POSITIVE_INFINITY)
  const outer = scope.outer?.(node.name)
  if (outer) return constantValue(node, outer.value)
  const { name } = node
  if (name === 'arguments') refuse(node, '`arguments` is not part of the record', 'name the parameter')
  if (name in globalThis) refuse(node, `what \`${name}\` gives here is not known in SQL`)
  return refuse(
    node,
    `\`${name}\` is a variable from outside the lambda, and its text does not say what it holds`,
    `pass it: \`(e, { params }) => ... params.${name} ...\`, \`{ ${name} }\``,
  )
}

function literalOf(node: acorn.Literal): Value {
  const { value } = node
  if (node.regex) return patternValue(`/${node.regex.pattern}/${node.regex.flags}`)
  if (typeof value === 'string') return textOf(node, value)
  if (typeof value === 'number') return numberLiteral(value)
  if (typeof value === 'boolean') return booleanLiteral(value)
  if (value === null) return NULL_LITERAL
  return refuse(node, 'a bigint is not a value of a record', 'use a number')
}

/** A literal text. Half of a surrogate pair exists in JavaScript only. */
function textOf(node: acorn.Node, value: string): Value {
  if (/\p{Surrogate}/u.test(value)) refuse(node, 'half of a surrogate pair is no text outside JavaScript')
  return stringLiteral(value)
}

function templateOf(node: acorn.TemplateLiteral, scope: Scope): Value {
  const parts: Value[] = []
  for (const [index, quasi] of node.quasis.entries()) {
    parts.push(textOf(quasi, quasi.value.cooked ?? ''))
    const expression = node.expressions[index]
    if (expression) parts.push(lower(expression, scope))
  }
  return template(node, parts)
}

function unaryOf(node: acorn.UnaryExpression, scope: Scope): Value {
  switch (node.operator) {
    case '!':
      return not(lowerTest(node.argument, scope))
    case '-':
      return negate(node, lower(node.argument, scope))
    case '+':
      return toNumber(node, lower(node.argument, scope))
    case '~':
      return bitsNot(node, lower(node.argument, scope))
    case 'void':
      // Nothing in the subset has an effect, so what is thrown away need not even be known, if it compiles.
      discard(lower(node.argument, scope), scope)
      return UNDEFINED
    case 'typeof': {
      const of = lower(node.argument, scope)
      discard(of, scope)
      return typeofOf(node, of)
    }
    case 'delete':
      return refuse(node, '`delete` changes something', 'take the others with `{ a, ...others }`')
    default:
      return refuse(node, `the operator \`${node.operator}\` is not compiled`)
  }
}

const IN = ['`in` asks for a name that is only known when running', 'write `e.name != null`'] as const
const INSTANCEOF = [
  '`instanceof` asks for a class, and a value of a record has none',
  'use `typeof`',
] as const

function binaryOf(node: acorn.BinaryExpression, scope: Scope): Value {
  if (node.operator === 'in') refuse(node, ...IN)
  if (node.operator === 'instanceof') refuse(node, ...INSTANCEOF)
  const asked = typeofAsked(node)
  if (asked) {
    const of = lower(asked.of, scope)
    discard(of, scope)
    const answer = isTypeof(node, of, asked.name)
    return asked.negated ? not(answer) : answer
  }
  const [left, right] = [lower(node.left, scope), lower(node.right, scope)]
  switch (node.operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(node, node.operator, left, right)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(node, node.operator, left, right)
    case '===':
    case '!==':
    case '==':
    case '!=':
      return same(node, node.operator, left, right)
    case '**':
      return power(node, left, right)
    default:
      if (isBitOperator(node.operator)) return bits(node, node.operator, left, right)
      return refuse(node, `the operator \`${node.operator}\` is not compiled`)
  }
}

/** The name a key that is not computed stands for. */
function keyOf(key: acorn.Expression | acorn.PrivateIdentifier): string {
  if (key.type === 'Identifier') return key.name
  if (key.type === 'Literal') return String(key.value)
  return refuse(key, 'a computed name is not compiled', 'write the name of the field')
}

const argumentsOf = (node: acorn.CallExpression | acorn.NewExpression, scope: Scope): readonly Value[] =>
  node.arguments.map((argument) => {
    if (argument.type === 'SpreadElement')
      return refuse(
        argument,
        'an argument that is spread is not compiled',
        `write the arguments, or ${AS_IT_IS}`,
      )
    return lower(argument, scope)
  })

/** `of[index]`, or `undefined` where the brackets hold a name or don't follow a string or list. */
function elementAt(node: acorn.MemberExpression, scope: Scope): Link | undefined {
  const { property: at, object } = node
  if (!node.computed || (at.type === 'Literal' && typeof at.value === 'string')) return undefined
  const receiver = link(object, scope)
  if (!['string', 'list'].includes(typeOf(receiver).kind)) return undefined
  return elementLink(node, receiver, lower(at, scope), node.optional)
}

/** One link of a chain: a property, or a call of a method or a function. */
function link(node: acorn.Expression | acorn.Super, scope: Scope): Link {
  if (node.type === 'MemberExpression') {
    const { object } = node
    const isSpace =
      object.type === 'Identifier' && NAMESPACES.has(object.name) && !scope.names.has(object.name)
    const constant = isSpace ? constantNamed(`${object.name}.${memberOf(node)}`) : undefined
    if (constant) return linkOf(constant)
    const element = elementAt(node, scope)
    if (element) return element
    return narrowed(property(node, link(node.object, scope), memberOf(node), node.optional), scope)
  }
  if (node.type !== 'CallExpression') return linkOf(lower(node, scope))
  const { callee } = node
  const args = () => argumentsOf(node, scope)
  if (node.optional)
    refuse(node, 'a field that is a function does not exist in a record', 'call it without `?.`')
  if (callee.type === 'Identifier' && !scope.names.has(callee.name)) {
    return linkOf(callFunction(node, callee.name, args))
  }
  if (callee.type !== 'MemberExpression')
    return refuse(node, 'only methods and functions of Math are compiled')
  const { object } = callee
  const name = memberOf(callee)
  if (object.type === 'Identifier' && NAMESPACES.has(object.name) && !scope.names.has(object.name)) {
    return linkOf(callFunction(node, `${object.name}.${name}`, args))
  }
  const receiver = link(object, scope)
  if (takesFunction(typeOf(receiver), name, node.arguments)) {
    const value = () => eachMethod(node, receiver.tree, name, scope, { lower, lowerTest })
    return methodLink(node, receiver, name, callee.optional, value)
  }
  return callMethod(node, receiver, name, args(), callee.optional)
}

function memberOf(node: acorn.MemberExpression): string {
  if (!node.computed) return keyOf(node.property)
  if (node.property.type === 'Literal' && typeof node.property.value === 'string') return node.property.value
  return refuse(
    node,
    'only a name written as a text is compiled in brackets',
    `write the name, or ${AS_IT_IS}`,
  )
}
