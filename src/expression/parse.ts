/**
 * A function's text as syntax.
 *
 * `Function.prototype.toString` gives an arrow function, a `function`, or for methods `name(x) { ... }`, which is
 * an expression only inside an object literal. The text is parsed inside parentheses or inside `({...})`; `origin`
 * is how far that shifts positions.
 */
import * as acorn from 'acorn'
import { normalise } from './normalise.ts'
import { AS_IT_IS, refuse } from './refuse.ts'

export type FunctionNode = acorn.ArrowFunctionExpression | acorn.FunctionExpression

/** A parsed text, and how positions in it are those of the function. */
export interface Source {
  readonly program: acorn.Program
  readonly text: string
  readonly origin: number
}

/** Where a node stands in the function's own text, from 1, and what is written there. */
export function locate({ text, origin }: Source, node: acorn.Node) {
  const start = Math.max(0, Math.min(node.start - origin, text.length))
  const before = text.slice(0, start).split(/\r\n|[\n\r\u2028\u2029]/)
  const written = text.slice(start, Math.max(start, node.end - origin))
  return { line: before.length, column: before.at(-1)!.length + 1, construct: shorten(written) }
}

const CONSTRUCT_LENGTH_MAX = 80
function shorten(written: string): string {
  const line = written.replace(/\s+/g, ' ').trim()
  return line.length <= CONSTRUCT_LENGTH_MAX ? line : `${line.slice(0, CONSTRUCT_LENGTH_MAX - 3)}...`
}

/** What was parsed last: a function is compiled, and looked through for other things, one after the other. */
let last: { readonly text: string; readonly source: Source | undefined } | undefined

/** Parses the text of a function, or `undefined` where it is not the text of one. Nothing changes what it returns. */
export function parse(text: string): Source | undefined {
  if (last?.text !== text) last = { text, source: parsed(text) }
  return last.source
}

function parsed(text: string): Source | undefined {
  for (const [open, close] of [
    ['(', '\n)'],
    ['({', '\n})'],
  ] as const) {
    try {
      const program = acorn.parse(open + text + close, { ecmaVersion: 'latest', sourceType: 'script' })
      return { program, text, origin: open.length }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  return undefined
}

/** Parses the text of a function to compile it: as it was before tools rewrote it, where that is sure. */
export function parseRewritten(text: string): Source | undefined {
  const source = parse(text)
  return source && { ...source, program: normalise(source.program) }
}

/** The function in a parsed text. Refuses what does not simply return a value. */
export function lambdaOf({ program }: Source): FunctionNode {
  return plainFunction(functionOf(program))
}

/** A function, the whole lambda or one inside it. Refuses what does not simply return a value. */
export function plainFunction(node: FunctionNode): FunctionNode {
  if (node.async) refuse(node, 'an async function waits for something outside the record')
  if (node.generator)
    refuse(node, 'a generator gives its values one by one', `return an array, or ${AS_IT_IS}`)
  return node
}

function functionOf(program: acorn.Program): FunctionNode {
  const statement = program.body[0]
  if (program.body.length !== 1 || statement?.type !== 'ExpressionStatement') {
    return refuse(program, 'this is not the text of one function')
  }
  const { expression } = statement
  if (expression.type === 'ArrowFunctionExpression' || expression.type === 'FunctionExpression')
    return expression
  const property = expression.type === 'ObjectExpression' ? expression.properties[0] : undefined
  if (
    property?.type === 'Property' &&
    property.kind === 'init' &&
    property.value.type === 'FunctionExpression'
  ) {
    return property.value
  }
  return refuse(expression, 'this is not a function that can be called with a record')
}
