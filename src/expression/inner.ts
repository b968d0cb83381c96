/**
 * Values that exist only inside a lambda: dates and regular expressions.
 *
 * No record holds one, so there is no `Type` for them. They are structs of one field whose name no rule of property
 * access can meet: every rule that does not ask for them treats them as some struct, and refuses to compare, add or
 * write it. What leaves a lambda must not contain one (`holdsInner`).
 */
import { describe, numberOf, STRING, structOf, type Type } from '../schema/type.ts'
import type { Expression } from './tree.ts'
import { defined, type Value } from './value.ts'

const DATE = 'milliseconds of a Date'
const PATTERN = 'source and flags of a regular expression'
const NAMES: readonly string[] = [DATE, PATTERN]

const DATE_TYPE = structOf([{ name: DATE, type: numberOf('any') }])
const PATTERN_TYPE = structOf([{ name: PATTERN, type: STRING }])

/** A date with this time value. */
export const dateValue = (ms: Expression): Value =>
  defined({
    kind: 'struct',
    fields: [{ name: DATE, value: ms }],
    type: structOf([{ name: DATE, type: ms.type }]),
  })

/** A regular expression that was written down. */
export const patternValue = (written: string): Value =>
  defined({
    kind: 'struct',
    fields: [{ name: PATTERN, value: { kind: 'literal', value: written, type: STRING } }],
    type: PATTERN_TYPE,
  })

const isOf = (type: Type, name: string): boolean => type.kind === 'struct' && type.fields[0]?.name === name
export const isDate = (type: Type): boolean => isOf(type, DATE)
export const isPattern = (type: Type): boolean => isOf(type, PATTERN)

/** The type in the words of a message. */
export const nameOf = (type: Type): string =>
  isDate(type) ? 'Date' : isPattern(type) ? 'regular expression' : describe(type)

/** The time value of a date. */
export function timeOf(date: Expression): Expression {
  if (date.kind === 'struct') return date.fields[0]!.value
  const field = date.type.kind === 'struct' ? date.type.fields[0] : undefined
  return { kind: 'property', of: date, name: DATE, type: field?.type ?? DATE_TYPE }
}

/** A regular expression as it was written, `/source/flags`, where it is known which one it is. */
export function writtenOf(pattern: Expression): string | undefined {
  const value = pattern.kind === 'struct' ? pattern.fields[0]?.value : undefined
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined
}

/** Whether a value of this type is or contains a date or a regular expression. */
export function holdsInner(type: Type): boolean {
  if (type.kind === 'list') return holdsInner(type.of)
  if (type.kind !== 'struct') return false
  return type.fields.some((field) => NAMES.includes(field.name) || holdsInner(field.type))
}
