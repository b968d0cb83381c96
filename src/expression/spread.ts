/** Templates and spread that a tool has written out as calls, back as they were. */
import type * as acorn from 'acorn'

type Argument = acorn.Expression | acorn.SpreadElement

/** `"a".concat(x, "-").concat(y)` as a template, where it begins with a written text. */
export function asTemplate(node: acorn.CallExpression): acorn.TemplateLiteral | undefined {
  const parts = concatenated(node)
  if (!parts) return undefined
  const { start, end } = node
  const texts = ['']
  const expressions: acorn.Expression[] = []
  for (const part of parts) {
    if (part.type === 'Literal' && typeof part.value === 'string') {
      texts.push(texts.pop() + part.value)
    } else {
      expressions.push(part)
      texts.push('')
    }
  }
  const quasis = texts.map((text, index): acorn.TemplateElement => {
    const tail = index === texts.length - 1
    return { type: 'TemplateElement', value: { raw: text, cooked: text }, tail, start, end }
  })
  return { type: 'TemplateLiteral', quasis, expressions, start, end }
}

/** What a chain of `concat` joins, if it begins with a written text. */
function concatenated(node: acorn.CallExpression): readonly acorn.Expression[] | undefined {
  const object = receiverOf(node, 'concat')
  const before =
    object?.type === 'Literal' && typeof object.value === 'string'
      ? [object]
      : object?.type === 'CallExpression'
        ? concatenated(object)
        : undefined
  return before && areValues(node.arguments) ? [...before, ...node.arguments] : undefined
}

function receiverOf(node: acorn.CallExpression, method: string): acorn.Expression | undefined {
  const { callee } = node
  if (node.optional || callee.type !== 'MemberExpression' || callee.computed || callee.optional)
    return undefined
  const isCalled = callee.property.type === 'Identifier' && callee.property.name === method
  return isCalled && callee.object.type !== 'Super' ? callee.object : undefined
}

const areValues = (nodes: readonly Argument[]): nodes is readonly acorn.Expression[] =>
  nodes.every(({ type }) => type !== 'SpreadElement')

/** The functions that copy fields into a first object, and whether they copy those of any value, or of literals only. */
const COPYING: Readonly<Record<string, 'any' | 'literals'>> = {
  'Object.assign': 'any',
  __assign: 'any',
  __spreadValues: 'any',
  _object_spread: 'any',
  // These two copy what a value is made of, which of a literal are its fields.
  __spreadProps: 'literals',
  _object_spread_props: 'literals',
}

/** `__assign({}, e, { x: 1 })` as `{ ...e, x: 1 }`, where the first object is new. */
export function spreadRecord(
  node: acorn.CallExpression,
  name: string | undefined,
): acorn.ObjectExpression | undefined {
  const kind = name !== undefined && Object.hasOwn(COPYING, name) ? COPYING[name] : undefined
  const [first, ...others] = node.arguments
  if (!kind || !first || !isPlain(first) || !areValues(others)) return undefined
  if (kind === 'literals' && others.some((other) => !isPlain(other))) return undefined
  const added = others.map(spreadOf).flatMap(asRecord)
  return { ...first, properties: [...first.properties, ...added], start: node.start, end: node.end }
}

const spreadOf = (argument: acorn.Expression): acorn.SpreadElement => ({
  type: 'SpreadElement',
  argument,
  start: argument.start,
  end: argument.end,
})

/** Whether an object is written with fields only, so that its fields are all it is. */
const isPlain = (node: acorn.AnyNode): node is acorn.ObjectExpression =>
  node.type === 'ObjectExpression' &&
  node.properties.every(
    (part) => part.type === 'SpreadElement' || (part.kind === 'init' && !isPrototype(part)),
  )

const isPrototype = ({ key, computed }: acorn.Property): boolean =>
  !computed &&
  ((key.type === 'Identifier' && key.name === '__proto__') ||
    (key.type === 'Literal' && key.value === '__proto__'))

/** A part of an object; of a spread literal, its own parts. */
export const asRecord = (
  part: acorn.Property | acorn.SpreadElement,
): readonly (acorn.Property | acorn.SpreadElement)[] =>
  part.type === 'SpreadElement' && isPlain(part.argument) ? part.argument.properties : [part]

/** An element of an array; of a spread literal, its own elements. */
export const elementsOf = (element: Argument): readonly (Argument | null)[] =>
  element.type === 'SpreadElement' && isList(element.argument) ? element.argument.elements : [element]

/** An array that is written, without holes. */
const isList = (node: acorn.AnyNode | undefined): node is acorn.ArrayExpression =>
  node?.type === 'ArrayExpression' && node.elements.every((element) => element !== null)

/** `__spreadArray(__spreadArray([], e.words, true), ["x"], false)` as `[...e.words, "x"]`. */
export function spreadList(
  node: acorn.CallExpression,
  name: string | undefined,
): acorn.ArrayExpression | undefined {
  const { start, end } = node
  const [first, second] = node.arguments
  if (name === '_to_consumable_array') {
    if (node.arguments.length !== 1 || !first || !areValues([first])) return undefined
    return {
      type: 'ArrayExpression',
      elements: [...elementsOf(spreadOf(first as acorn.Expression))],
      start,
      end,
    }
  }
  if (name === '__spreadArray') {
    if (node.arguments.length !== 3 || !isList(first) || !second || !areValues([second])) return undefined
    return {
      ...first,
      elements: [...first.elements, ...elementsOf(spreadOf(second as acorn.Expression))],
      start,
      end,
    }
  }
  const receiver = receiverOf(node, 'concat')
  if (!isList(receiver) || !node.arguments.every(isList)) return undefined
  const added = node.arguments.flatMap((argument) => (isList(argument) ? argument.elements : []))
  return { ...receiver, elements: [...receiver.elements, ...added], start, end }
}
