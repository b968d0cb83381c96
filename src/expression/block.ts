/**
 * The body of a function: statements to the one value that it returns.
 *
 * Nothing in the subset has an effect, so a body is the expression that its returns make: `if (c) return a; return b`
 * is `c ? a : b`. What follows an `if` without a return on one of its ways is lowered once for each way, with what the
 * condition tells about null.
 */
import type * as acorn from 'acorn'
import { isAssigned } from './constants.ts'
import { lower, lowerTest } from './lower.ts'
import { type Scope, under } from './narrow.ts'
import { bind } from './objects.ts'
import { conditional, logical, same } from './operators.ts'
import { refuse } from './refuse.ts'
import { UNDEFINED, type Value } from './value.ts'
import { isFunction, some } from './walk.ts'

/** How what a function returns is lowered: as a value, or only its truth. */
export type Purpose = 'value' | 'test'

/** What a function returns: its expression, or that of its body. */
export function lowerBody(
  body: acorn.Expression | acorn.BlockStatement,
  scope: Scope,
  purpose: Purpose,
): Value {
  const returned = purpose === 'test' ? lowerTest : lower
  if (body.type !== 'BlockStatement') return returned(body, scope)
  const returns = some(body, (node, inside) => node.type === 'ReturnStatement' && !inside.some(isFunction))
  if (!returns) refuse(body, 'the function returns nothing', 'return a value')
  const block = new Block(body, returned)
  return block.run(body.body, scope, () => UNDEFINED)
}

/** What follows statements, in the scope in which they end. */
type Rest = (scope: Scope) => Value

/** Each `if` without a return may double what follows it. */
const STATEMENTS_MAX = 500

const HOW = 'write it without: with const, if and return'
const REASONS: Readonly<Record<string, readonly [string, string?]>> = {
  ForStatement: ['a loop is not compiled', 'use map, filter, some, every or reduce of the list'],
  ForInStatement: ['a loop is not compiled', 'name the fields'],
  ForOfStatement: ['a loop is not compiled', 'use map, filter, some, every or reduce of the list'],
  WhileStatement: ['a loop is not compiled', 'use map, filter, some, every or reduce of the list'],
  DoWhileStatement: ['a loop is not compiled', 'use map, filter, some, every or reduce of the list'],
  ThrowStatement: ['an exception is not a value', 'filter such records out before'],
  TryStatement: ['nothing that compiles throws', 'leave the try out'],
  FunctionDeclaration: [
    'a function inside the function is not compiled',
    'write what it does where it is called',
  ],
  DebuggerStatement: ['a debugger does not stop in SQL', 'leave it out'],
}

class Block {
  readonly #body: acorn.BlockStatement
  readonly #returned: (node: acorn.Expression, scope: Scope) => Value
  #statements = 0

  constructor(body: acorn.BlockStatement, returned: (node: acorn.Expression, scope: Scope) => Value) {
    this.#body = body
    this.#returned = returned
  }

  /** The value of statements, and of what follows where they end without a return. */
  run(statements: readonly acorn.Statement[], scope: Scope, rest: Rest): Value {
    const [first, ...others] = statements
    if (!first) return rest(scope)
    if (++this.#statements > STATEMENTS_MAX)
      refuse(first, 'the function has too many ways through it', 'split it into two steps')
    const next: Rest = (after) => this.run(others, after, rest)
    switch (first.type) {
      case 'EmptyStatement':
        return next(scope)
      case 'ReturnStatement':
        return first.argument ? this.#returned(first.argument, scope) : UNDEFINED
      case 'VariableDeclaration':
        return next(this.#declared(first, scope))
      case 'BlockStatement':
        return this.run(first.body, inner(scope), (end) => next(facts(end, scope)))
      case 'IfStatement':
        return this.#if(first, scope, next)
      case 'SwitchStatement':
        return this.#switch(first, scope, next)
      case 'ExpressionStatement':
        if (typeof first.directive === 'string') return next(scope)
        // its value is thrown away: if it compiles it has no effect
        lower(first.expression, scope)
        return next(scope)
      default: {
        const [why, cure] = REASONS[first.type] ?? [`this statement (${first.type}) is not compiled`, HOW]
        return refuse(first, why, cure)
      }
    }
  }

  #declared(declaration: acorn.VariableDeclaration, scope: Scope): Scope {
    const names = inner(scope)
    for (const { id, init } of declaration.declarations) {
      if (declaration.kind !== 'const' && id.type === 'Identifier' && isAssigned(id.name, this.#body))
        refuse(
          declaration,
          `something is assigned to \`${id.name}\` later`,
          'give each value a const of its own',
        )
      bind(id, init ? lower(init, names) : UNDEFINED, names)
    }
    return names
  }

  #if({ test, consequent, alternate, ...node }: acorn.IfStatement, scope: Scope, next: Rest): Value {
    const [yes, no] = [under(test, true, scope, lower), under(test, false, scope, lower)]
    const way = (statement: acorn.Statement | null | undefined, at: Scope): Value =>
      statement ? this.run([statement], inner(at), (end) => next(facts(end, scope))) : next(at)
    return conditional(node as acorn.Node, lowerTest(test, scope), way(consequent, yes), way(alternate, no))
  }

  /** Each case as a comparison; a case ends with a return or `break`, or is empty and goes on with the one after it. */
  #switch(node: acorn.SwitchStatement, scope: Scope, next: Rest): Value {
    const subject = lower(node.discriminant, scope)
    const go = (index: number, waiting: readonly Value[]): Value => {
      const current = node.cases[index]
      if (!current) return next(scope)
      const isDefault = !current.test
      if (isDefault && index < node.cases.length - 1)
        refuse(current, 'only the last case may be `default`', 'put it last')
      const tests = current.test
        ? [...waiting, same(current, '===', subject, lower(current.test, scope))]
        : waiting
      if (current.consequent.length === 0) return go(index + 1, tests)
      const value = this.run(withoutBreak(current), inner(scope), (end) => {
        if (current.consequent.at(-1)?.type !== 'BreakStatement' && index < node.cases.length - 1)
          refuse(current, 'a case goes on into the next one', 'end it with return or break')
        return next(facts(end, scope))
      })
      if (isDefault) return value
      const test = tests.reduce((a, b) => logical(current, '||', a, b))
      return conditional(current, test, value, go(index + 1, []))
    }
    return go(0, [])
  }
}

function withoutBreak({ consequent }: acorn.SwitchCase): readonly acorn.Statement[] {
  const last = consequent.at(-1)
  return last?.type === 'BreakStatement' && !last.label ? consequent.slice(0, -1) : consequent
}

/** A scope for names of its own. */
const inner = (scope: Scope): Scope => ({ ...scope, names: new Map(scope.names) })

/** The names of one scope with what is known at the end of another inside it. */
const facts = ({ notNull }: Scope, scope: Scope): Scope => ({ ...scope, notNull })
