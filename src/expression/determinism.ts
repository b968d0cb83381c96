/**
 * Functions whose result depends on when they run, found in their text.
 *
 * A dataset has to be a pure function of its parents (law 1): an interval that is computed again after a crash must
 * give the same rows. So the clock and chance are refused when the job is built, on every engine.
 */
import type * as acorn from 'acorn'
import { locate, parse } from './parse.ts'
import { declaredNames, some } from './walk.ts'

/** What a function must not read, and where it does. */
export interface Indeterminate {
  /** As it is written: `Date.now()`. */
  readonly construct: string
  readonly line: number
  readonly column: number
  /** Whether it is the time or chance. */
  readonly reads: 'time' | 'chance'
}

const READS: Readonly<Record<string, Indeterminate['reads']>> = {
  'Date.now': 'time',
  Date: 'time',
  'performance.now': 'time',
  'performance.timeOrigin': 'time',
  'process.hrtime': 'time',
  'process.hrtime.bigint': 'time',
  'process.uptime': 'time',
  'Temporal.Now.instant': 'time',
  'Math.random': 'chance',
  'crypto.randomUUID': 'chance',
  'crypto.getRandomValues': 'chance',
  'crypto.randomBytes': 'chance',
  'crypto.randomInt': 'chance',
  randomUUID: 'chance',
  randomBytes: 'chance',
  randomInt: 'chance',
}

/** The first place in a function at which it reads the clock or chance, in its inner functions too. */
export function indeterminate(fn: Function): Indeterminate | undefined {
  const source = parse(Function.prototype.toString.call(fn))
  if (!source) return undefined
  const own = declaredNames(source.program)
  let found: Indeterminate | undefined
  some(source.program, (node) => {
    const reads = readsOf(node, own)
    if (reads) found = { ...locate(source, node), reads }
    return reads !== undefined
  })
  return found
}

function readsOf(node: acorn.AnyNode, own: ReadonlySet<string>): Indeterminate['reads'] | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined
  const path = pathOf(node.callee)
  if (path === undefined || own.has(path.split('.')[0]!)) return undefined
  // a date that is made of something is as good as what it is made of
  if (path === 'Date' && node.type === 'NewExpression' && node.arguments.length > 0) return undefined
  return Object.hasOwn(READS, path) ? READS[path] : undefined
}

/** `Date.now` of a callee, without `globalThis.` and the like. */
function pathOf(node: acorn.Expression | acorn.Super): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'ParenthesizedExpression') return pathOf(node.expression)
  if (node.type === 'SequenceExpression') return pathOf(node.expressions.at(-1)!)
  if (node.type === 'ChainExpression') return pathOf(node.expression)
  if (node.type !== 'MemberExpression') return undefined
  const of = pathOf(node.object)
  const { property, computed } = node
  const name =
    !computed && property.type === 'Identifier'
      ? property.name
      : computed && property.type === 'Literal' && typeof property.value === 'string'
        ? property.value
        : undefined
  if (of === undefined || name === undefined) return undefined
  return GLOBALS.has(of) ? name : `${of}.${name}`
}

const GLOBALS: ReadonlySet<string> = new Set(['globalThis', 'global', 'window', 'self'])
