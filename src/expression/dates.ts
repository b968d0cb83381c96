/**
 * The typing rules of dates: epoch milliseconds behind `new Date(...)`, read in UTC.
 *
 * A date of the language is valid up to 8.64e15 milliseconds from 1970. Of an invalid one the parts are NaN and the
 * text throws, so everything is under the condition that it is valid; then the parts are integers.
 */
import type { Node } from 'acorn'
import { describe, INTEGER, isNumeric, numberOf, STRING } from '../schema/type.ts'
import { count } from './arguments.ts'
import type { DateCallee } from './callee.ts'
import { validDate } from './guard.ts'
import { dateValue, isDate, timeOf } from './inner.ts'
import { folded, numeric, positive } from './operators.ts'
import { AS_IT_IS, refuse } from './refuse.ts'
import type { Expression } from './tree.ts'
import { defined, numberLiteral, typeOf, type Value } from './value.ts'

/** `new Date(args)`. */
export function newDate(node: Node, args: readonly Value[]): Value {
  const [argument] = args
  if (!argument) return refuse(node, 'the present is not part of the record', 'use the time of the interval')
  if (args.length > 1) refuse(node, ...LOCAL)
  const type = typeOf(argument)
  if (isDate(type) && !type.nullable) return argument
  if (!isNumeric(type)) {
    const why = `a date from a ${describe(type)} is read by rules SQL does not have`
    refuse(node, why, 'declare the field as a timestamp')
  }
  // Null is 0 here too, and from here on it is never null.
  return dateValue(positive(node, argument).tree)
}

const LOCAL = [
  'the time zone of the machine is not part of the record',
  'use UTC: `getUTCHours`, `Date.UTC` and so on',
] as const

const PARTS: ReadonlySet<string> = new Set([
  'FullYear',
  'Month',
  'Date',
  'Day',
  'Hours',
  'Minutes',
  'Seconds',
  'Milliseconds',
])

/** The value of `of.name()` of a date. */
export function dateMethod(node: Node, of: Expression, name: string, args: readonly Value[]): Value {
  const [, utc, part] = /^get(UTC)?([A-Z].*)$/.exec(name) ?? []
  const ms = timeOf(of)
  if (name === 'getTime' || name === 'valueOf') return read(node, 'date.time', ms, args)
  if (name === 'toISOString' || name === 'toJSON') return read(node, 'date.toISOString', ms, args)
  if (part && PARTS.has(part)) {
    if (!utc) refuse(node, LOCAL[0], `write \`getUTC${part}\``)
    return read(node, `date.${part}` as DateCallee, ms, args)
  }
  if (/^set/.test(name)) refuse(node, `\`${name}\` changes the date`, 'compute with milliseconds')
  if (/String$/.test(name) || name === 'getTimezoneOffset' || name === 'getYear') refuse(node, ...LOCAL)
  return refuse(node, `the method \`${name}\` of a Date is not compiled`)
}

function read(node: Node, name: DateCallee, ms: Expression, args: readonly Value[]): Value {
  count(node, name.replace('date.', ''), args, 0, 0)
  const type = name === 'date.toISOString' ? STRING : INTEGER
  return defined({ kind: 'call', name, args: [ms], type, exactIf: [validDate(ms)] })
}

/** What `Date.UTC` takes for the arguments that are left out. */
const DEFAULTS = [Number.NaN, 0, 1, 0, 0, 0, 0]

/** `Date.name(args)`. */
export function dateFunction(node: Node, name: string, args: readonly Value[]): Value {
  if (name === 'now') refuse(node, 'the present is not part of the record', 'use the time of the interval')
  if (name !== 'UTC')
    refuse(node, `\`Date.${name}\` is not compiled`, `declare the field as a timestamp, or ${AS_IT_IS}`)
  count(node, 'Date.UTC', args, 1, DEFAULTS.length)
  const trees = DEFAULTS.map((value, index) => {
    const argument = args[index]
    if (!argument) return numberLiteral(value).tree
    numeric(node, argument, 'Date.UTC')
    return argument.tree
  })
  const constants = trees.map((tree) => (tree.kind === 'literal' ? Number(tree.value) : undefined))
  if (constants.every((each) => each !== undefined)) return folded(node, Date.UTC(...(constants as [number])))
  return defined({ kind: 'call', name: 'Date.UTC', args: trees, type: numberOf('any') })
}
