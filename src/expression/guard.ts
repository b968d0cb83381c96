/**
 * The guard of a lambda: on which records its tree has JavaScript's value.
 *
 * JavaScript counts strings in UTF-16 units and engines count characters. The two agree as long as no character is
 * above U+FFFF (astral), so a rule that counts does not refuse: it leaves conditions on the node (`exactIf`), one
 * for every text of the record that can reach it. The guard is all conditions of a tree joined. Under it no text
 * holds a surrogate pair, so nothing can cut one in two either.
 */
import type { Node } from 'acorn'
import { BOOLEAN, nonNull, nullable, type Type } from '../schema/type.ts'
import type { Callee } from './callee.ts'
import { refuse } from './refuse.ts'
import { bound, children, type Each, type Expression, type Reduce, reads } from './tree.ts'

/**
 * The conditions under which the texts of these operands count as in JavaScript. Refuses a literal for which that
 * is known to be false.
 */
export const basic = (node: Node, ...operands: readonly Expression[]): readonly Expression[] =>
  textsOf(node, operands, new Set()).map((text) => condition('isBasic', text))

/** The condition under which a number of milliseconds is a valid date. */
export const validDate = (ms: Expression): Expression => condition('isDate', ms)

const condition = (name: 'isBasic' | 'isDate', of: Expression): Expression => ({
  kind: 'call',
  name,
  args: [of],
  type: BOOLEAN,
})

/** The texts of the record, each a path, from which the texts of a value are made. A part that stands there twice is `seen` once. */
function textsIn(node: Node, tree: Expression, seen: Set<Expression>): readonly Expression[] {
  if (!holdsText(tree.type) || seen.has(tree)) return []
  seen.add(tree)
  switch (tree.kind) {
    case 'input':
    case 'variable':
      return [tree]
    case 'each':
    case 'reduce':
      return textsOfEach(node, tree, seen)
    case 'property':
      return isPath(tree) ? [tree] : textsIn(node, tree.of, seen)
    case 'literal':
      if (typeof tree.value === 'string' && /[^\0-\uffff]/u.test(tree.value)) {
        const why = 'a character above U+FFFF counts twice in JavaScript and once in SQL'
        refuse(node, why, 'leave it out of what is counted or cut')
      }
      return []
    case 'conditional':
      return textsOf(node, [tree.then, tree.otherwise], seen)
    case 'call':
      return textsOf(
        node,
        tree.args.filter((_, index) => isKept(tree.name, index)),
        seen,
      )
    case 'list':
    case 'template':
      return textsOf(node, children(tree), seen)
    default: {
      const parts = children(tree)
      return parts.length === 0 ? [tree] : textsOf(node, parts, seen)
    }
  }
}

/** The texts in what is made of each element: those of the function's parameters are those of the list. */
function textsOfEach(node: Node, tree: Each | Reduce, seen: Set<Expression>): readonly Expression[] {
  const list = () => textsIn(node, tree.list, seen)
  if (tree.kind === 'each' && tree.op !== 'map' && tree.op !== 'flatMap') return list()
  const texts = textsIn(node, tree.body, seen)
  const outer = texts.filter((each) => !reads(each, bound(tree)))
  const initial = tree.kind === 'reduce' ? textsIn(node, tree.initial, seen) : []
  return [...initial, ...outer, ...(outer.length < texts.length ? list() : [])]
}

/**
 * Conditions of an inner function about its parameters, as conditions about the list: a text of an element is a text
 * of the list, and any other condition has to be true of every element. Absent where there are none.
 */
export function hoisted<Tree extends Each | Reduce>(node: Node, tree: Tree): Tree {
  const conditions: Expression[] = []
  collect(tree.body, (each, hidden) => {
    // What also reads parameters of a function further inside was made a condition about its list there.
    if (reads(each, bound(tree)) && !reads(each, hidden)) conditions.push(each)
  })
  if (conditions.length === 0) return tree
  const isText = (each: Expression) => each.kind === 'call' && each.name === 'isBasic'
  const exactIf = conditions.filter((each) => !isText(each)).map((each) => ofEvery(node, tree, each))
  if (conditions.some(isText)) {
    const isOwn = tree.kind === 'reduce' && conditions.some((each) => reads(each, [tree.accumulator]))
    const own = isOwn ? [tree.initial, tree.body] : []
    exactIf.push(...basic(node, tree.list, ...own).filter((each) => !reads(each, bound(tree))))
  }
  return { ...tree, exactIf }
}

/** A condition that has to be true of every element, and is where there is no list. */
function ofEvery(node: Node, tree: Each | Reduce, condition: Expression): Expression {
  if (tree.kind === 'reduce' && reads(condition, [tree.accumulator])) {
    refuse(node, 'whether a date is valid has to be known before', 'make an array of the dates first')
  }
  const [item, index] = tree.kind === 'each' ? [tree.item, tree.index] : [tree.item, tree.accumulator]
  const shape = { kind: 'each', op: 'every', list: tree.list, item, index, body: condition } as const
  const left: Expression = { ...shape, type: nullable(BOOLEAN) }
  const right: Expression = { kind: 'literal', value: true, type: BOOLEAN }
  return { kind: 'logical', op: '??', left, right, type: BOOLEAN }
}

const textsOf = (node: Node, trees: readonly Expression[], seen: Set<Expression>): readonly Expression[] =>
  trees.flatMap((tree) => textsIn(node, tree, seen))

/** Whether the text of an operand can be text of the result: a pattern, or what `split` cuts at, can't. */
const isKept = (name: Callee, index: number): boolean =>
  index !== 1 || !(name === 'split' || name === 'string.splitBy' || name.startsWith('regex.'))

const isPath = (tree: Expression): boolean =>
  tree.kind === 'input' || tree.kind === 'variable' || (tree.kind === 'property' && isPath(tree.of))

function holdsText(type: Type): boolean {
  if (type.kind === 'list') return holdsText(type.of)
  if (type.kind === 'struct') return type.fields.some((field) => holdsText(field.type))
  return type.kind === 'string'
}

/**
 * All conditions of a tree in one, or `undefined` where it needs none.
 *
 * Conditions are asked of every record, also where the tree would not get to them. So what the lambda knew not to be
 * null at some place may be null in the guard, and the paths get the types they have without that knowledge.
 * @param discarded what is computed and may not be part of the body: a date that is not valid throws there too.
 */
export function guardOf(
  body: Expression,
  inputs: readonly Type[],
  discarded: readonly Expression[] = [],
): Expression | undefined {
  const conditions = new Map<string, Expression>()
  const add = (each: Expression, hidden: readonly number[]) => {
    // A condition about a parameter of an inner function stands once more where that is bound, about the list.
    if (reads(each, hidden)) return
    const general = generalized(each, inputs)
    conditions.set(JSON.stringify(general), general)
  }
  collect(body, add)
  const seen = new Set<Expression>()
  const addDate = (each: Expression, hidden: readonly number[]) => {
    if (isDateCondition(each)) add(each, hidden)
  }
  for (const tree of discarded) collect(tree, addDate, [], seen)
  const [first, ...others] = conditions.values()
  return others.reduce<Expression | undefined>(
    (left, right) => left && { kind: 'logical', op: '&&', left, right, type: BOOLEAN },
    first,
  )
}

/** Whether a condition is about a date, which throws where it is not valid, and not only about how texts are counted. */
const isDateCondition = (tree: Expression): boolean =>
  (tree.kind === 'call' && tree.name === 'isDate') || children(tree).some(isDateCondition)

/** Whether something throws where a date is not valid. */
export function asksForDates(tree: Expression): boolean {
  let asks = false
  collect(tree, (each) => {
    asks ||= isDateCondition(each)
  })
  return asks
}

/** Calls `add` with each condition of a tree, and the variables that are bound around it within the tree. */
function collect(
  tree: Expression,
  add: (condition: Expression, hidden: readonly number[]) => void,
  hidden: readonly number[] = [],
  seen: Set<Expression> = new Set(),
): void {
  // A shared tree can be exponentially larger than the memory it takes, and reads the same variables everywhere.
  if (seen.has(tree)) return
  seen.add(tree)
  if ('exactIf' in tree) for (const each of tree.exactIf ?? []) add(each, hidden)
  const inner = [...hidden, ...bound(tree)]
  for (const child of children(tree)) collect(child, add, inner, seen)
}

/** A condition whose operand has the type it has for every record. */
function generalized(tree: Expression, inputs: readonly Type[]): Expression {
  if (tree.kind !== 'call') return tree
  const [of] = tree.args
  return of ? { ...tree, args: [isPath(of) ? pathOf(of, inputs) : of] } : tree
}

function pathOf(path: Expression, inputs: readonly Type[]): Expression {
  if (path.kind === 'input') return { ...path, type: inputs[path.index] ?? path.type }
  if (path.kind !== 'property') return path
  const of = pathOf(path.of, inputs)
  const field = of.type.kind === 'struct' ? of.type.fields.find(({ name }) => name === path.name) : undefined
  const type = field?.type ?? nonNull(path.type)
  return { ...path, of, type: of.type.nullable ? nullable(type) : type }
}
