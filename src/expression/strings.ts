/**
 * The typing rules of the methods of strings.
 *
 * What counts or cuts in UTF-16 units is under conditions (`basic` in guard.ts). What only looks for a text, or joins
 * texts, needs none: a text without half pairs is found at the same places in units and in characters.
 */
import type { Node } from 'acorn'
import { BOOLEAN, INTEGER, listOf, nullable, numberOf, STRING, type Type } from '../schema/type.ts'
import { count, index, literalInteger, only, plain } from './arguments.ts'
import type { TextCallee } from './callee.ts'
import { basic } from './guard.ts'
import { constantOf, template } from './operators.ts'
import { AS_IT_IS, refuse } from './refuse.ts'
import { isRegex, replacePattern, searchPattern, splitPattern } from './regex.ts'
import type { Expression } from './tree.ts'
import { defined, numberLiteral, typeOf, type Value } from './value.ts'

type Method = (node: Node, of: Expression, args: readonly Value[]) => Value

/** A call of a method as a value. */
function call(name: TextCallee, args: readonly Expression[], type: Type, exactIf?: readonly Expression[]) {
  const conditions = exactIf && exactIf.length > 0 ? { exactIf } : undefined
  return defined({ kind: 'call', name, args, type, ...conditions })
}

/** A method without arguments whose result is a string. */
const plainly =
  (name: TextCallee): Method =>
  (node, of, args) => {
    count(node, name.replace('string.', ''), args, 0, 0)
    return call(name, [of], STRING)
  }

/** `slice` and `substring`: one or two indexes. */
const part =
  (name: 'slice' | 'substring'): Method =>
  (node, of, args) => {
    count(node, name, args, 0, 2)
    const indexes = args.map((each) => index(node, name, each))
    if (indexes.length === 0) indexes.push(numberLiteral(0).tree)
    return call(`string.${name}`, [of, ...indexes], STRING, basic(node, of))
  }

/** One unit of a string by its index, which is 0 if left out. */
const unit =
  (name: 'at' | 'charAt' | 'charCodeAt' | 'codePointAt', type: Type): Method =>
  (node, of, args) => {
    count(node, name, args, 0, 1)
    const at = args[0] ? index(node, name, args[0]) : numberLiteral(0).tree
    const { tree } = call(`string.${name}`, [of, at], type, basic(node, of))
    return { tree, maybeUndefined: type.nullable }
  }

/** `includes`, `startsWith`, `endsWith`: a text, and where to begin or to end. */
const search =
  (name: 'includes' | 'startsWith' | 'endsWith'): Method =>
  (node, of, args) => {
    count(node, name, args, 1, 2)
    const needle = plain(node, args[0]!, 'string')
    if (!args[1]) return defined({ kind: 'call', name, args: [of, needle], type: BOOLEAN })
    const position = index(node, name, args[1])
    const zero = numberLiteral(0).tree
    const { tree } =
      name === 'endsWith'
        ? call('string.substring', [of, zero, position], STRING, basic(node, of))
        : call('string.from', [of, position], STRING, basic(node, of))
    return defined({ kind: 'call', name, args: [tree, needle], type: BOOLEAN })
  }

const METHODS: Readonly<Record<string, Method>> = {
  trim: plainly('trim'),
  trimStart: plainly('string.trimStart'),
  trimEnd: plainly('string.trimEnd'),
  toLowerCase: plainly('toLowerCase'),
  toUpperCase: plainly('toUpperCase'),
  startsWith: search('startsWith'),
  endsWith: search('endsWith'),
  includes: search('includes'),
  slice: part('slice'),
  substring: part('substring'),
  at: unit('at', nullable(STRING)),
  charAt: unit('charAt', STRING),
  charCodeAt: unit('charCodeAt', numberOf('any')),
  codePointAt: unit('codePointAt', nullable(INTEGER)),
  indexOf(node, of, args) {
    count(node, 'indexOf', args, 1, 2)
    const needle = plain(node, args[0]!, 'string')
    const from = args[1] ? [index(node, 'indexOf', args[1])] : []
    return call('string.indexOf', [of, needle, ...from], INTEGER, basic(node, of))
  },
  lastIndexOf: (node, of, args) =>
    call('string.lastIndexOf', [of, plain(node, only(node, 'lastIndexOf', args), 'string')], INTEGER),
  replace: (node, of, args) => replaced(node, 'replace', of, args),
  replaceAll: (node, of, args) => replaced(node, 'replaceAll', of, args),
  padStart: (node, of, args) => padded(node, 'padStart', of, args),
  padEnd: (node, of, args) => padded(node, 'padEnd', of, args),
  repeat(node, of, args) {
    const times = literalInteger(node, 'repeat', only(node, 'repeat', args), 0, LENGTH_MAX)
    return call('string.repeat', [of, numberLiteral(times).tree], STRING)
  },
  concat(node, of, args) {
    const { tree } = template(node, args)
    return call('string.concat', [of, tree], STRING)
  },
  search: (node, of, args) => searchPattern(node, of, only(node, 'search', args)),
  split,
  toString: plainlyItself,
  valueOf: plainlyItself,
}

/** The longest text that is made from nothing: JavaScript throws for texts that get too long. */
const LENGTH_MAX = 10_000

/** Why a method is refused that will never compile. */
const REASONS: Readonly<Record<string, readonly [why: string, cure: string]>> = {
  match: ['`match` returns an array with extra fields or null', 'write `/pattern/.test(text)`'],
  matchAll: ['`matchAll` returns an iterator', 'write `/pattern/.test(text)`'],
  localeCompare: ['the order depends on the language of the machine', 'compare with `<`'],
  normalize: ['SQL knows one of the four normal forms only', AS_IT_IS],
  substr: ['`substr` is deprecated', 'write `slice`'],
}

/** The value of `of.name(args)`, or `undefined` where strings have no such method that compiles. */
export function stringMethod(
  node: Node,
  of: Expression,
  name: string,
  args: readonly Value[],
): Value | undefined {
  if (Object.hasOwn(METHODS, name)) return METHODS[name]!(node, of, args)
  const reason = Object.hasOwn(REASONS, name) ? REASONS[name] : undefined
  return reason && refuse(node, ...reason)
}

/** `of[at]`: a unit of a string, undefined where there is none. A negative index has none. */
export function elementOf(node: Node, of: Value, at: Value): Value {
  const position = index(node, '[]', at)
  const known = constantOf(at)
  if (known !== undefined && !(Number.isInteger(known) && known >= 0)) {
    refuse(node, `there is no \`[${known}]\`; JavaScript gives undefined`, 'write `at(-1)` for the last')
  }
  if (typeOf(at).nullable) refuse(node, 'an index that is null is the name "null"', 'put `?? 0` behind it')
  const type = nullable(STRING)
  const { tree } = call('string.element', [of.tree, position], type, basic(node, of.tree))
  return { tree, maybeUndefined: true }
}

function plainlyItself(node: Node, of: Expression, args: readonly Value[]): Value {
  count(node, 'toString', args, 0, 0)
  return defined(of)
}

/** The text of a literal, or `undefined`. */
const literalText = ({ tree }: Value): string | undefined =>
  tree.kind === 'literal' && typeof tree.value === 'string' ? tree.value : undefined

function split(node: Node, of: Expression, args: readonly Value[]): Value {
  count(node, 'split', args, 1, 2)
  const [by, limit] = args as [Value, Value?]
  const whole = isRegex(by) ? splitPattern(node, of, by) : splitText(node, of, by)
  if (!limit) return whole
  const most = literalInteger(node, 'the limit of split', limit, 0, 2 ** 31)
  return call('string.first', [whole.tree, numberLiteral(most).tree], listOf(STRING))
}

function splitText(node: Node, of: Expression, by: Value): Value {
  const separator = plain(node, by, 'string')
  if (literalText(by)) return call('split', [of, separator], listOf(STRING))
  return call('string.splitBy', [of, separator], listOf(STRING), basic(node, of))
}

/**
 * A text in place of another. The empty text is found between any two units, so where it may be looked for
 * everywhere, no pair of units may be there to be torn.
 */
function replaced(node: Node, name: 'replace' | 'replaceAll', of: Expression, args: readonly Value[]): Value {
  count(node, name, args, 2, 2)
  const [from, to] = args as [Value, Value]
  if (isRegex(from)) return replacePattern(node, name, of, from, plain(node, to, 'string'))
  const trees = [of, plain(node, from, 'string'), plain(node, to, 'string')]
  const needsUnits = name === 'replaceAll' && !literalText(from)
  return call(`string.${name}`, trees, STRING, needsUnits ? basic(node, of) : undefined)
}

function padded(node: Node, name: 'padStart' | 'padEnd', of: Expression, args: readonly Value[]): Value {
  count(node, name, args, 1, 2)
  const length = literalInteger(node, name, args[0], 0, LENGTH_MAX)
  const fill = args[1] ? [plain(node, args[1], 'string')] : []
  const trees = [of, numberLiteral(length).tree, ...fill]
  return call(`string.${name}`, trees, STRING, basic(node, of, ...fill))
}
