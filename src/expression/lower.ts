/**
 * Syntax to tree: one case per kind of syntax, each handing typed operands to the rules of `operators.ts` and
 * `calls.ts`. Names are looked up in a scope of values; there is nothing else a name can mean.
 *
 * An optional chain `a?.b.c` ends as a whole where `a` is null. So along a chain a link knows two things: whether
 * it is null by itself (then the next access needs its own `?.`), and whether the chain may already have ended.
 */
import type * as acorn from 'acorn'
import { listOf, NULL, nonNull, structOf } from '../schema/type.ts'
import { callFunction, callMethod, elementLink, type Link, linkOf, NAMESPACES, property } from './calls.ts'
import { newDate } from './dates.ts'
import { patternValue } from './inner.ts'
import { narrowed, type Scope, under } from './narrow.ts'
import { bits, bitsNot, constantNamed, isBitOperator, power, toNumber } from './numbers.ts'
import { arithmetic, compare, conditional, logical, negate, not, same, template, unify } from './operators.ts'
import { ON_MEMORY, refuse } from './refuse.ts'
import {
  booleanLiteral,
  defined,
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
  ThisExpression: ['`this` is not part of the record', `use the parameter, or ${ON_MEMORY}`],
  AssignmentExpression: ['an assignment changes something', HOW_TO_ASSIGN],
  UpdateExpression: ['an assignment changes something', HOW_TO_ASSIGN],
  SequenceExpression: ['a comma expression is only useful for effects', HOW_TO_ASSIGN],
  AwaitExpression: ['`await` waits for something outside the record'],
  ArrowFunctionExpression: ['a function inside the lambda is not compiled'],
  FunctionExpression: ['a function inside the lambda is not compiled'],
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
      return binaryOf(node, go(node.left), go(node.right))
    case 'LogicalExpression':
      return logical(node, node.operator, go(node.left), lower(node.right, rightScope(node, scope)))
    case 'ConditionalExpression':
      return conditional(
        node,
        lowerTest(node.test, scope),
        lower(node.consequent, under(node.test, true, scope, lower)),
        lower(node.alternate, under(node.test, false, scope, lower)),
      )
    case 'ObjectExpression':
      return objectOf(node, scope)
    case 'ArrayExpression':
      return arrayOf(node, scope)
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

/** The right side of `&&` is evaluated only if the left is true, of `||` only if it is false. */
const rightScope = (node: acorn.LogicalExpression, scope: Scope): Scope =>
  node.operator === '??' ? scope : under(node.left, node.operator === '&&', scope, lower)

/** Gives the names of a parameter or constant their values. */
export function bind(pattern: acorn.Pattern, value: Value, scope: Scope): void {
  if (pattern.type === 'Identifier') {
    scope.names.set(pattern.name, value)
    return
  }
  if (pattern.type !== 'ObjectPattern') {
    refuse(pattern, 'only names and { field, field: name } are compiled here', 'use a plain parameter')
  }
  for (const part of pattern.properties) {
    if (part.type === 'RestElement') refuse(part, 'the rest of a record is not compiled', 'name the fields')
    if (part.computed) refuse(part, 'a computed name is not compiled', 'write the name of the field')
    const inner = property(part.key, linkOf(value), keyOf(part.key), false)
    bind(part.value, inner, scope)
  }
}

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
  return refuse(
    node,
    `\`${node.name}\` is a variable from outside the lambda, and its text does not say what it holds`,
    `move the value into the record, or ${ON_MEMORY}`,
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
      lower(node.argument, scope)
      return UNDEFINED
    default:
      return refuse(node, `the operator \`${node.operator}\` is not compiled`)
  }
}

function binaryOf(node: acorn.BinaryExpression, left: Value, right: Value): Value {
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

function objectOf(node: acorn.ObjectExpression, scope: Scope): Value {
  const fields: { name: string; value: Value }[] = []
  for (const part of node.properties) {
    if (part.type === 'SpreadElement')
      refuse(part, 'spread is not compiled yet', 'write the fields one by one')
    if (part.computed) refuse(part, 'a computed name is not compiled', 'write the name of the field')
    if (part.kind !== 'init' || part.method) refuse(part, 'a method is not a value of a record')
    const name = keyOf(part.key)
    if (name === '__proto__' && !part.shorthand)
      refuse(part, '`__proto__:` sets the prototype', 'use another name')
    if (fields.some((field) => field.name === name)) refuse(part, 'the field is given twice', 'give it once')
    fields.push({ name, value: lower(part.value, scope) })
  }
  if (fields.length === 0) refuse(node, 'a record without fields can not be stored', 'give it a field')
  return {
    tree: {
      kind: 'struct',
      fields: fields.map(({ name, value }) => ({ name, value: value.tree })),
      type: structOf(fields.map(({ name, value }) => ({ name, type: typeOf(value) }))),
    },
    maybeUndefined: fields.some(({ value }) => value.maybeUndefined),
  }
}

function arrayOf(node: acorn.ArrayExpression, scope: Scope): Value {
  const items = node.elements.map((element) => {
    if (!element) return refuse(node, 'an array with holes is not compiled', 'write null')
    if (element.type === 'SpreadElement')
      return refuse(element, 'spread is not compiled yet', 'write the elements')
    return lower(element, scope)
  })
  if (items.length === 0) return defined({ kind: 'list', items: [], type: listOf(NULL) })
  const { trees, type } = unify(node, items, 'elements of an array')
  // An element may have been undefined, but no rule reads an element and could tell.
  return defined({ kind: 'list', items: trees, type: listOf(type) })
}

const argumentsOf = (node: acorn.CallExpression | acorn.NewExpression, scope: Scope): readonly Value[] =>
  node.arguments.map((argument) => {
    if (argument.type === 'SpreadElement') return refuse(argument, 'spread is not compiled yet')
    return lower(argument, scope)
  })

/** `text[index]`, or `undefined` where the brackets hold a name or don't follow a string. */
function stringElement(node: acorn.MemberExpression, scope: Scope): Link | undefined {
  const { property: at, object } = node
  if (!node.computed || (at.type === 'Literal' && typeof at.value === 'string')) return undefined
  const receiver = link(object, scope)
  if (nonNull(typeOf(receiver)).kind !== 'string') return undefined
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
    const unit = stringElement(node, scope)
    if (unit) return unit
    return narrowed(property(node, link(node.object, scope), memberOf(node), node.optional), scope)
  }
  if (node.type !== 'CallExpression') return linkOf(lower(node, scope))
  const { callee } = node
  const args = () => argumentsOf(node, scope)
  if (node.optional) refuse(node, 'a field that is a function does not exist in a record')
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
  return callMethod(node, receiver, name, args(), callee.optional)
}

function memberOf(node: acorn.MemberExpression): string {
  if (!node.computed) return keyOf(node.property)
  if (node.property.type === 'Literal' && typeof node.property.value === 'string') return node.property.value
  return refuse(
    node,
    'only a name written as a text is compiled in brackets',
    `write the name, or ${ON_MEMORY}`,
  )
}
