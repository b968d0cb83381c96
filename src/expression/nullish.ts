/**
 * `?.` and `??` that a tool has written out for an older JavaScript, back as they were.
 *
 *     (_a = e.boss) === null || _a === void 0 ? void 0 : _a.name        e.boss?.name
 *     (t = e.boss) == null ? void 0 : t.name                            e.boss?.name
 *     null == (t = e.boss) || null == (n = t.name) ? void 0 : n.trim()  e.boss?.name?.trim()
 *     (_a = e.label) !== null && _a !== void 0 ? _a : "x"               e.label ?? "x"
 *     age != null ? age : ""                                            age ?? ""
 *     null !== (n = e.ok) && void 0 !== n && n                          e.ok ?? false
 *
 * A temporary has to be declared in the function without a value, and all its uses have to be those of the pattern:
 * then nothing can tell that it is gone. Without one, what is tested is a variable, which can be read any number of
 * times.
 */
import type * as acorn from 'acorn'
import type { Uses } from './bindings.ts'

/** What is tested for null and undefined. */
interface Tested {
  readonly value: acorn.Expression
  /** The variable that holds it afterwards. */
  readonly name: string
  /** How often the test reads that variable if it is a temporary; absent if it is any variable. */
  readonly reads: number | undefined
}

/** A conditional as the `?.` or `??` it stands for, or `undefined` where it stands for itself. */
export function nullish(node: acorn.ConditionalExpression, uses: Uses): acorn.Expression | undefined {
  const { test, consequent, alternate } = node
  if (isUndefined(consequent, uses)) {
    const chain = chainOf(node, testsOf(test, uses), alternate, uses)
    if (chain) return chain
  }
  const isNull = testOf(test, '||', uses)
  if (isNull) return isRead(alternate, isNull, uses) ? either(node, isNull.value, consequent) : undefined
  const isThere = testOf(test, '&&', uses)
  if (!isThere) return undefined
  if (isRead(consequent, isThere, uses)) return either(node, isThere.value, alternate)
  return isUndefined(alternate, uses) ? chainOf(node, [isThere], consequent, uses) : undefined
}

/** `X != null && X`, which is `X ?? false`, and `X == null || X`, which is `X ?? true`. */
export function nullishBoolean(node: acorn.LogicalExpression, uses: Uses): acorn.Expression | undefined {
  const { operator, left, right, start, end } = node
  const tested = operator === '??' ? undefined : testOf(left, operator, uses)
  if (!tested || !isRead(right, tested, uses)) return undefined
  const value = operator === '||'
  return either(node, tested.value, { type: 'Literal', value, raw: String(value), start, end })
}

/** An expression of which only the truth counts, where a tool has left of `?.` only what the truth needs. */
export function truth(node: acorn.Expression, uses: Uses): acorn.Expression {
  const go = (part: acorn.Expression): acorn.Expression => truth(part, uses)
  if (node.type === 'ParenthesizedExpression') return go(node.expression)
  if (node.type !== 'LogicalExpression') return node
  if (node.operator === '??') {
    return node.right.type === 'Literal' && node.right.value === false ? go(node.left) : node
  }
  // `X != null && X.a` is false where `X?.a` is undefined.
  const tested = node.operator === '&&' ? testOf(node.left, '&&', uses) : undefined
  const chain = tested && chainOf(node, [tested], node.right, uses)
  return chain ?? { ...node, left: go(node.left), right: go(node.right) }
}

const either = (
  { start, end }: acorn.Node,
  left: acorn.Expression,
  right: acorn.Expression,
): acorn.LogicalExpression => ({ type: 'LogicalExpression', operator: '??', left, right, start, end })

export const isUndefined = (node: acorn.AnyNode, uses: Uses): boolean =>
  (node.type === 'UnaryExpression' && node.operator === 'void' && node.argument.type === 'Literal') ||
  (node.type === 'Identifier' && node.name === 'undefined' && uses.isOutside('undefined'))

const isNullLiteral = (node: acorn.AnyNode): boolean => node.type === 'Literal' && node.raw === 'null'

/** Whether the node is the tested variable, and a temporary has no other use. */
const isRead = (node: acorn.AnyNode, tested: Tested, uses: Uses): boolean =>
  node.type === 'Identifier' && node.name === tested.name && isOnlyUse(tested, uses)

function isOnlyUse({ name, reads }: Tested, uses: Uses): boolean {
  if (reads === undefined) return true
  const use = uses.of(name)
  return use.declared === 1 && use.bare === 1 && use.writes === 1 && use.reads === reads + 1
}

/** The tests that are joined by `||`, each of its own value; empty where one of them is something else. */
function testsOf(node: acorn.Expression, uses: Uses): readonly Tested[] {
  const parts = operandsOf(node)
  const tests: Tested[] = []
  for (let at = 0; at < parts.length; ) {
    const loose = looselyNull(parts[at]!, '==', uses)
    const strict = loose ? undefined : strictlyNull(parts[at]!, parts[at + 1], '===', uses)
    const tested = loose ?? strict
    if (!tested) return []
    tests.push(tested)
    at += loose ? 1 : 2
  }
  return tests
}

const operandsOf = (node: acorn.Expression): readonly acorn.Expression[] =>
  node.type === 'LogicalExpression' && node.operator === '||'
    ? [...operandsOf(node.left), ...operandsOf(node.right)]
    : [node]

/** One test: that a value is null or undefined (joined by `||`), or that it is neither (`&&`). */
function testOf(node: acorn.Expression, joint: '||' | '&&', uses: Uses): Tested | undefined {
  if (node.type !== 'LogicalExpression') return looselyNull(node, joint === '||' ? '==' : '!=', uses)
  if (node.operator !== joint) return undefined
  return strictlyNull(node.left, node.right, joint === '||' ? '===' : '!==', uses)
}

/** `x == null` */
function looselyNull(node: acorn.Expression, operator: '==' | '!=', uses: Uses): Tested | undefined {
  const compared =
    comparedWith(node, operator, isNullLiteral) ??
    comparedWith(node, operator, (side) => isUndefined(side, uses))
  return compared && testedBy(compared, 0)
}

/** `x === null` and `x === undefined`, in any order. */
function strictlyNull(
  first: acorn.Expression,
  second: acorn.Expression | undefined,
  operator: '===' | '!==',
  uses: Uses,
): Tested | undefined {
  if (!second) return undefined
  const isVoid = (side: acorn.AnyNode) => isUndefined(side, uses)
  const withNull = comparedWith(first, operator, isNullLiteral)
  const compared = withNull ?? comparedWith(first, operator, isVoid)
  const again = comparedWith(second, operator, withNull ? isVoid : isNullLiteral)
  const tested = compared && testedBy(compared, 1)
  return again?.type === 'Identifier' && again.name === tested?.name ? tested : undefined
}

/** What is compared with a constant of some kind, on either side. */
function comparedWith(
  node: acorn.Expression,
  operator: acorn.BinaryOperator,
  isConstant: (side: acorn.AnyNode) => boolean,
): acorn.Expression | undefined {
  if (node.type !== 'BinaryExpression' || node.operator !== operator) return undefined
  if (node.left.type === 'PrivateIdentifier') return undefined
  return isConstant(node.right) ? node.left : isConstant(node.left) ? node.right : undefined
}

function testedBy(node: acorn.Expression, reads: number): Tested | undefined {
  if (node.type === 'Identifier') return { value: node, name: node.name, reads: undefined }
  if (node.type !== 'AssignmentExpression' || node.operator !== '=' || node.left.type !== 'Identifier') {
    return undefined
  }
  return { value: node.right, name: node.left.name, reads }
}

/** `x == null ? undefined : x.a.b` as `x?.a.b`; the last test is the innermost. */
function chainOf(
  { start, end }: acorn.Node,
  tests: readonly Tested[],
  rest: acorn.Expression,
  uses: Uses,
): acorn.Expression | undefined {
  let chain: acorn.Expression | undefined
  for (const tested of [...tests].reverse()) {
    const from = chain ?? rest
    const expression = continued(from.type === 'ChainExpression' ? from.expression : from, tested)
    if (!expression || !isOnlyUse(tested, uses)) return undefined
    chain = { type: 'ChainExpression', expression, start, end }
  }
  return chain
}

type Link = acorn.MemberExpression | acorn.CallExpression

/** The links that begin with the tested variable, beginning with its value and a `?.`. */
function continued(node: acorn.Expression | acorn.Super, tested: Tested): Link | undefined {
  if (node.type === 'CallExpression') {
    const callee = continued(node.callee, tested)
    return callee && { ...node, callee }
  }
  if (node.type !== 'MemberExpression') return undefined
  const { object } = node
  if (object.type !== 'Identifier' || object.name !== tested.name) {
    const before = continued(object, tested)
    return before && { ...node, object: before }
  }
  const { value } = tested
  // `(a?.b)?.c` and `a?.b?.c` are the same.
  return { ...node, object: value.type === 'ChainExpression' ? value.expression : value, optional: true }
}
