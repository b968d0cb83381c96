/**
 * What makes a function give another result when it is called again: clocks and chance.
 *
 * An interval may be computed again, after a crash or on another engine, and has to give the same. So a function that
 * reads a clock or draws random numbers by itself is refused when the job is built; its context has both. What a
 * function calls outside of its own text is not seen.
 */
import type * as acorn from 'acorn'
import { locate, parse } from './parse.ts'
import { type Reference, referencesOf } from './scopes.ts'

/** A clock or a source of chance in a function's text. */
export interface Undetermined {
  readonly construct: string
  readonly line: number
  readonly column: number
  readonly why: string
  readonly cure: string
}

const CLOCK = {
  why: 'reads a clock, and an interval that is computed again would give something else',
  cure: 'Use the time of the interval: (e, ctx) => ctx.interval.fromMs.',
}
const CHANCE = {
  why: 'draws random numbers, and an interval that is computed again would give something else',
  cure: "Use ctx.random(), which is seeded by the record's position: (e, ctx) => ctx.random() < 0.1.",
}

/** Members of what the language and Node have everywhere, by the object's name. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, typeof CLOCK>>>> = {
  Date: { now: CLOCK },
  Math: { random: CHANCE },
  performance: { now: CLOCK, timeOrigin: CLOCK },
  process: { hrtime: CLOCK, uptime: CLOCK },
  crypto: {
    randomUUID: CHANCE,
    getRandomValues: CHANCE,
    randomBytes: CHANCE,
    randomInt: CHANCE,
    randomFill: CHANCE,
    randomFillSync: CHANCE,
  },
}
/** Functions of node:crypto under the names that they are imported by. */
const IMPORTED: Readonly<Record<string, typeof CLOCK>> = {
  randomUUID: CHANCE,
  getRandomValues: CHANCE,
  randomBytes: CHANCE,
  randomInt: CHANCE,
}
/** What a text has to hold at least; most are not parsed for this. */
const MENTIONED = /Date|[rR]andom|performance|hrtime|uptime/
const GLOBALS = new Set(['globalThis', 'global', 'window', 'self'])

/** The first clock or source of chance that a function's own text reads, inner functions included. */
export function undetermined(fn: Function): Undetermined | undefined {
  const text = Function.prototype.toString.call(fn)
  const source = MENTIONED.test(text) ? parse(text) : undefined
  if (!source) return undefined
  for (const reference of referencesOf(source.program)) {
    const found = reference.variable ? undefined : chanceAt(reference)
    if (found) return { ...locate(source, found.node), ...found.reason }
  }
  return undefined
}

interface Found {
  readonly node: acorn.AnyNode
  readonly reason: typeof CLOCK
}

function chanceAt({ node, ancestors }: Reference): Found | undefined {
  const parents = ancestors.filter(({ type }) => type !== 'ChainExpression')
  let name = node.name
  let at: acorn.AnyNode = node
  if (GLOBALS.has(name)) {
    const member = memberOf(parents[0], at)
    if (member === undefined) return undefined
    name = member
    at = parents.shift()!
  }
  const member = memberOf(parents[0], at)
  const ofMember = member === undefined ? undefined : own(MEMBERS[name] ?? {}, member)
  if (ofMember) return { node: calledAt(parents[0]!, parents[1]), reason: ofMember }
  const parent = parents[0]
  const taken =
    parent?.type === 'VariableDeclarator' && parent.init === at ? takenOf(parent, name) : undefined
  if (taken) return taken
  if (name === 'Date') return dateWithoutTime(parent, at)
  const imported = own(IMPORTED, name)
  return imported && parent?.type === 'CallExpression' && parent.callee === at
    ? { node: parent, reason: imported }
    : undefined
}

/** `const { random } = Math` */
function takenOf(declarator: acorn.VariableDeclarator, name: string): Found | undefined {
  if (declarator.id.type !== 'ObjectPattern') return undefined
  for (const part of declarator.id.properties) {
    const key = part.type === 'Property' && part.key.type === 'Identifier' ? part.key.name : undefined
    const reason = key === undefined ? undefined : own(MEMBERS[name] ?? {}, key)
    if (reason) return { node: declarator, reason }
  }
  return undefined
}

/** `new Date()`, and `Date(...)` whatever its arguments. */
function dateWithoutTime(parent: acorn.AnyNode | undefined, at: acorn.AnyNode): Found | undefined {
  const isNow =
    (parent?.type === 'NewExpression' && parent.callee === at && parent.arguments.length === 0) ||
    (parent?.type === 'CallExpression' && parent.callee === at)
  return isNow ? { node: parent!, reason: CLOCK } : undefined
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** The name of the member that `parent` takes of `object`. */
function memberOf(parent: acorn.AnyNode | undefined, object: acorn.AnyNode): string | undefined {
  if (parent?.type !== 'MemberExpression' || parent.object !== object) return undefined
  const { property, computed } = parent
  if (!computed) return property.type === 'Identifier' ? property.name : undefined
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined
}

const calledAt = (member: acorn.AnyNode, parent: acorn.AnyNode | undefined): acorn.AnyNode =>
  parent?.type === 'CallExpression' && parent.callee === member ? parent : member
