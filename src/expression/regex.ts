/** The typing rules of regular expressions that are written in the lambda: `test`, `replace`, `split`, `search`. */
import type { Node } from 'acorn'
import { BOOLEAN, INTEGER, listOf, STRING, type Type } from '../schema/type.ts'
import { only, plain } from './arguments.ts'
import type { RegexCallee } from './callee.ts'
import { basic } from './guard.ts'
import { isPattern, writtenOf } from './inner.ts'
import { type Pattern, translate, translateReplacement, Unmatched } from './pattern.ts'
import { refuse } from './refuse.ts'
import type { Expression } from './tree.ts'
import { defined, stringLiteral, typeOf, type Value } from './value.ts'

/** `pattern.name(args)`. */
export function patternMethod(node: Node, of: Expression, name: string, args: readonly Value[]): Value {
  if (name !== 'test') refuse(node, `\`${name}\` of a regular expression is not compiled`, 'write `test`')
  const { pattern, flags } = patternOf(node, of)
  if (flags.includes('g')) {
    refuse(node, 'with the flag `g` a regular expression remembers where it stopped', 'leave out the `g`')
  }
  return call(node, 'regex.test', plain(node, only(node, name, args), 'string'), pattern, BOOLEAN)
}

/** `of.replace(pattern, to)`: all matches with the flag `g`, otherwise the first. */
export function replacePattern(
  node: Node,
  name: 'replace' | 'replaceAll',
  of: Expression,
  { tree }: Value,
  to: Expression,
): Value {
  const { pattern, flags } = patternOf(node, tree)
  const all = flags.includes('g')
  if (name === 'replaceAll' && !all) refuse(node, 'replaceAll throws without the flag `g`', 'add the `g`')
  if (all && pattern.maybeEmpty) refuse(node, ...EMPTY)
  if (to.kind !== 'literal' || typeof to.value !== 'string') {
    return refuse(
      node,
      'a `$` in a replacement has a meaning, and only of a literal it is known',
      'write one',
    )
  }
  const { value } = to
  const replacement = attempt(node, () => translateReplacement(value, pattern))
  const callee = all ? 'regex.replaceAll' : 'regex.replace'
  return call(node, callee, of, pattern, STRING, stringLiteral(replacement).tree)
}

/** `of.split(pattern)`. */
export function splitPattern(node: Node, of: Expression, { tree }: Value): Value {
  const { pattern } = patternOf(node, tree)
  if (pattern.maybeEmpty) refuse(node, ...EMPTY)
  if (pattern.groups.length > 0)
    refuse(node, 'split puts the groups into the result', 'write groups as `(?:...)`')
  if (pattern.looksBack) refuse(node, 'split tries `^` and `\\b` in each rest of the text', 'leave them out')
  return call(node, 'regex.split', of, pattern, listOf(STRING))
}

/** `of.search(pattern)`: an index, so it counts units whatever the pattern is. */
export function searchPattern(node: Node, of: Expression, { tree }: Value): Value {
  if (!isPattern(tree.type)) refuse(node, 'search of a text makes a pattern of it', 'write `indexOf`')
  const { pattern } = patternOf(node, tree)
  return call(node, 'regex.search', of, { ...pattern, countsUnits: true }, INTEGER)
}

const EMPTY = [
  'the pattern can match nothing between two units',
  'write a pattern that takes at least one character',
] as const

/** Whether a value is a regular expression. */
export const isRegex = (value: Value): boolean => isPattern(typeOf(value))

function patternOf(node: Node, tree: Expression) {
  const written = writtenOf(tree)
  if (written === undefined) {
    return refuse(node, 'which regular expression it is depends on the record', 'write it in place')
  }
  const end = written.lastIndexOf('/')
  const flags = written.slice(end + 1)
  return { pattern: attempt(node, () => translate(written.slice(1, end), flags)), flags }
}

/** A translation; one that is not possible refuses. */
function attempt<T>(node: Node, translation: () => T): T {
  try {
    return translation()
  } catch (error) {
    if (!(error instanceof Unmatched)) throw error
    return refuse(node, `the regular expression is not compiled: ${error.message}`)
  }
}

function call(
  node: Node,
  name: RegexCallee,
  of: Expression,
  pattern: Pattern,
  type: Type,
  ...more: readonly Expression[]
): Value {
  const exactIf = pattern.countsUnits ? basic(node, of) : []
  const args = [of, stringLiteral(pattern.text).tree, ...more]
  return defined({ kind: 'call', name, args, type, ...(exactIf.length > 0 ? { exactIf } : {}) })
}
