/**
 * Statements to a tree: what a function with a block body returns.
 *
 * A tree has no order of execution, so each statement is lowered with what comes after it, its rest:
 * `if (c) return a; return b` is `c ? a : b`, and where an arm of an `if` does not return, the rest is lowered in that
 * arm, with what the test tells about null. The rest can be lowered more than once, and a budget holds that down.
 *
 * Names are those of JavaScript: all that a block declares hides what is outside from the beginning of the block on,
 * and is read behind its declaration only. Nothing is assigned, so a `let` is a `const`. A `var` is known in its block
 * and not after it, where it may or may not have a value.
 */
import type * as acorn from 'acorn'
import { bind } from './binding.ts'
import { lower, lowerTest } from './lower.ts'
import { discard, type Scope, under } from './narrow.ts'
import { conditional, logical, same } from './operators.ts'
import type { FunctionNode } from './parse.ts'
import { AS_IT_IS, refuse } from './refuse.ts'
import { TOO_EARLY, UNDEFINED, type Value } from './value.ts'
import { boundIdentifiers, boundNames } from './walk.ts'

/** What a `return` gives, in the scope it stands in; without an expression it is the end of the function. */
export type Returns = (node: acorn.Expression | undefined, scope: Scope) => Value

/** What is lowered after a statement that completes: in the names outside it, with the facts known at its end. */
type Rest = (known: Scope) => Value

/** Where statements stand: what a `return` means there, and a `break`, and how many statements may still be lowered. */
interface Place {
  readonly returns: Returns
  readonly budget: { left: number }
  readonly breaks?: Rest
}

type Statement = acorn.Statement | acorn.ModuleDeclaration

const RETURNED = 'values that are returned'

/** More than any function has, unless the rest is repeated in many arms. */
const STATEMENTS_MAX = 1_000

const LOOP = ['a loop is not compiled', `use a method of the list, or ${AS_IT_IS}`] as const
const FUNCTION = [
  'a function inside the lambda is not compiled',
  `write it in place, or ${AS_IT_IS}`,
] as const

/** Why statements are refused: `[why, cure]`. */
const REASONS: Readonly<Partial<Record<acorn.AnyNode['type'], readonly [string, string?]>>> = {
  ForStatement: LOOP,
  ForOfStatement: LOOP,
  ForInStatement: LOOP,
  WhileStatement: LOOP,
  DoWhileStatement: LOOP,
  FunctionDeclaration: FUNCTION,
  ClassDeclaration: ['a class is not a value of a record'],
  ThrowStatement: ['an error can not be thrown in SQL', `filter the records before, or ${AS_IT_IS}`],
  TryStatement: ['nothing that compiles throws', `leave out the \`try\`, or ${AS_IT_IS}`],
  DebuggerStatement: ['`debugger` stops a function, and SQL can not stop', 'leave it out'],
  LabeledStatement: ['a label is only useful for jumps', 'use `if` and `return`'],
  BreakStatement: ['a `break` to a label is not compiled', 'use `if` and `return`'],
}

/** What a function returns whose parameters are bound in the scope. */
export function returned(fn: FunctionNode, scope: Scope, returns: Returns): Value {
  const { body } = fn
  if (body.type !== 'BlockStatement') return returns(body, scope)
  for (const name of hoistedIn(body)) {
    const isParameter = scope.names.has(name.name) && scope.names.get(name.name) !== TOO_EARLY
    if (isParameter) refuse(name, 'the variable is a parameter too', 'give it another name')
    scope.names.set(name.name, TOO_EARLY)
  }
  let hasReturn = false
  const place: Place = {
    returns: (node, known) => {
      hasReturn = true
      return returns(node, known)
    },
    budget: { left: STATEMENTS_MAX },
  }
  const value = blockOf(body.body, scope, place, (known) => returns(undefined, known))
  return hasReturn ? value : refuse(body, 'the function returns nothing', 'return a value')
}

/** The statements of a block, in names of their own. */
function blockOf(statements: readonly Statement[], scope: Scope, place: Place, rest: Rest): Value {
  const inside = { ...scope, names: new Map(scope.names) }
  for (const name of statements.flatMap(declaredIn)) inside.names.set(name, TOO_EARLY)
  return allOf(statements, inside, place, (known) => rest({ ...scope, notNull: known.notNull }))
}

function allOf(statements: readonly Statement[], scope: Scope, place: Place, rest: Rest): Value {
  const [statement, ...others] = statements
  if (!statement) return rest(scope)
  if (place.budget.left-- <= 0) {
    const why = 'the function is too large, because what follows an `if` stands in both arms'
    refuse(statement, why, 'return from one of the arms, or split it into two steps')
  }
  return statementOf(statement, scope, place, (known) => {
    // What declares has added to the scope itself; what has arms is followed by the rest in each of them.
    return allOf(others, { ...scope, names: new Map(scope.names), notNull: known.notNull }, place, rest)
  })
}

function statementOf(node: Statement, scope: Scope, place: Place, rest: Rest): Value {
  switch (node.type) {
    case 'ReturnStatement':
      return place.returns(node.argument ?? undefined, scope)
    case 'VariableDeclaration':
      declare(node, scope)
      return rest(scope)
    case 'ExpressionStatement':
      // It has no effect if it compiles.
      if (node.directive === undefined) discard(lower(node.expression, scope), scope)
      return rest(scope)
    case 'EmptyStatement':
      return rest(scope)
    case 'BlockStatement':
      return blockOf(node.body, scope, place, rest)
    case 'IfStatement':
      return ifOf(node, scope, place, rest)
    case 'SwitchStatement':
      return switchOf(node, scope, place, rest)
    case 'BreakStatement':
      if (!node.label && place.breaks) return place.breaks(scope)
      break
  }
  const [why, cure] = REASONS[node.type] ?? [`this statement (${node.type}) is not compiled`]
  return refuse(node, why, cure)
}

function declare({ declarations, kind }: acorn.VariableDeclaration, scope: Scope): void {
  if (kind !== 'const' && kind !== 'let' && kind !== 'var') {
    refuse(declarations[0]!, `\`${kind}\` is not compiled`, 'write const')
  }
  for (const { id, init } of declarations) {
    if (kind === 'var') {
      const again = boundNames(id).find((name) => scope.names.get(name) !== TOO_EARLY)
      if (again) refuse(id, `\`${again}\` is declared twice, and gets another value`, 'give it another name')
      // Where a `var` stands a second time it keeps its value, so without one it is not known to be undefined.
      if (!init) continue
    }
    const value = init ? lower(init, scope) : UNDEFINED
    discard(value, scope)
    bind(id, value, scope)
  }
}

/** An `if` as a conditional: both arms, each followed by the rest unless it returned. */
function ifOf(node: acorn.IfStatement, scope: Scope, place: Place, rest: Rest): Value {
  const { test, consequent, alternate } = node
  const condition = lowerTest(test, scope)
  const arm = (statement: acorn.Statement | null | undefined, outcome: boolean, after: Rest) => {
    const known = under(test, outcome, scope, lower)
    return statement ? blockOf([statement], known, place, after) : after(known)
  }
  if (!leaves(consequent) && !(alternate && leaves(alternate))) {
    // Both arms only compute what nobody sees; they have to compile, for then they do nothing.
    for (const [statement, outcome] of [[consequent, true] as const, [alternate, false] as const]) {
      arm(statement, outcome, () => UNDEFINED)
    }
    discard(condition, scope)
    return rest(scope)
  }
  return conditional(node, condition, arm(consequent, true, rest), arm(alternate, false, rest), RETURNED)
}

/** A `switch` as conditionals with `===`: each case runs on into the next one, up to a `return` or a `break`. */
function switchOf(node: acorn.SwitchStatement, scope: Scope, place: Place, rest: Rest): Value {
  const { cases } = node
  for (const statement of cases.flatMap(({ consequent }) => consequent)) {
    if (statement.type === 'VariableDeclaration' || declaredIn(statement).length > 0) {
      refuse(statement, 'a declaration is seen by all cases', 'put the case into braces')
    }
  }
  const subject = lower(node.discriminant, scope)
  discard(subject, scope)
  const from = (index: number): Value =>
    blockOf(
      cases.slice(index).flatMap(({ consequent }) => consequent),
      scope,
      { ...place, breaks: rest },
      rest,
    )
  const fallback = cases.findIndex(({ test }) => !test)
  return groupsOf(cases).reduceRight<Value>(
    (otherwise, { tests, index }) => {
      const [first, ...others] = tests.map((test) => same(test, '===', subject, lower(test, scope)))
      if (!first) return otherwise
      const condition = others.reduce((left, right) => logical(node, '||', left, right), first)
      return conditional(node, condition, from(index), otherwise, RETURNED)
    },
    fallback < 0 ? rest(scope) : from(fallback),
  )
}

/** The tests of the cases that begin at the same statement, and the index of one of these cases. */
function groupsOf(cases: readonly acorn.SwitchCase[]) {
  const groups: { readonly tests: readonly acorn.Expression[]; readonly index: number }[] = []
  let tests: readonly acorn.Expression[] = []
  for (const [index, { test, consequent }] of cases.entries()) {
    if (test) tests = [...tests, test]
    if (consequent.length === 0 && index < cases.length - 1) continue
    groups.push({ tests, index })
    tests = []
  }
  return groups
}

/** Whether a statement can leave the statements around it. */
function leaves(node: Statement): boolean {
  switch (node.type) {
    case 'ReturnStatement':
    case 'BreakStatement':
      return true
    case 'BlockStatement':
      return node.body.some(leaves)
    case 'IfStatement':
      return leaves(node.consequent) || (!!node.alternate && leaves(node.alternate))
    case 'SwitchStatement':
      return node.cases.some(({ consequent }) => consequent.some(leaves))
    default:
      return false
  }
}

/** The names that a statement declares in its block. */
function declaredIn(node: Statement): readonly string[] {
  if (node.type === 'VariableDeclaration' && node.kind !== 'var') {
    return node.declarations.flatMap(({ id }) => boundNames(id))
  }
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration')
    return node.id ? [node.id.name] : []
  return []
}

/** The names that are declared for the whole function, wherever they stand in it: `var`s and functions in blocks. */
function hoistedIn(node: object): readonly acorn.Identifier[] {
  if (!('type' in node)) return Object.values(node).flatMap(partOf)
  const one = node as acorn.AnyNode
  if (one.type === 'FunctionDeclaration') return one.id ? [one.id] : []
  if (one.type === 'ArrowFunctionExpression' || one.type === 'FunctionExpression') return []
  const declared =
    one.type === 'VariableDeclaration' && one.kind === 'var'
      ? one.declarations.flatMap(({ id }) => boundIdentifiers(id))
      : []
  return [...declared, ...Object.values(node).flatMap(partOf)]
}
const partOf = (part: unknown): readonly acorn.Identifier[] =>
  typeof part === 'object' && part !== null ? hoistedIn(part) : []
