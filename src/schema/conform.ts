/**
 * Holding a value against a type: the reference for what a record of the input may be.
 *
 * Strict: nothing is coerced. `"5"` is not an integer, `1` is not a boolean. What is allowed beyond identity:
 * a missing field is null; `-0` is 0; a timestamp may be ISO 8601 text or, where declared, seconds. A string with a
 * lone surrogate does not fit, since no engine's text can hold it. Fields that the schema does not name are left out.
 */
import { describe, type Type } from './type.ts'

export type Conformed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

const yes = (value: unknown): Conformed => ({ ok: true, value })
const no = (reason: string): Conformed => ({ ok: false, reason })

/** What is taken for a text; `undefined` where it is none. */
type TakeText = (text: string) => string | undefined
const wellFormedOnly: TakeText = (text) => (text.isWellFormed() ? text : undefined)
const madeWellFormed: TakeText = (text) => text.toWellFormed()

/**
 * The same for what a function made of a record: it may have cut a text in the middle of a surrogate pair, and half of
 * one becomes U+FFFD, as everywhere where a dataset is made.
 */
export const conformReturned = (value: unknown, type: Type): Conformed =>
  conform(value, type, '', madeWellFormed)

/**
 * The record that `value` is, or why it is none.
 * @param path where in the record `value` stands, for the reason; empty for the record itself
 */
export function conform(value: unknown, type: Type, path = '', takeText = wellFormedOnly): Conformed {
  if (value === null || value === undefined)
    return type.nullable ? yes(null) : no(`${name(path)} is missing or null`)
  switch (type.kind) {
    case 'string':
      if (typeof value !== 'string') return mismatch(value, type, path)
      return textOf(takeText(value), path)
    case 'boolean':
      return typeof value === 'boolean' ? yes(value) : mismatch(value, type, path)
    case 'number':
      if (typeof value !== 'number') return mismatch(value, type, path)
      if (type.range !== 'any' && !Number.isFinite(value))
        return no(`${name(path)} is ${value}, not a finite number`)
      return yes(value === 0 ? 0 : value)
    case 'integer':
      if (typeof value !== 'number') return mismatch(value, type, path)
      return Number.isSafeInteger(value)
        ? yes(value === 0 ? 0 : value)
        : no(`${name(path)} is ${value}, not a safe integer`)
    case 'timestamp':
      return conformTimestamp(value, type.unit, path)
    case 'list':
      return conformList(value, type.of, path, takeText)
    case 'struct':
      return conformStruct(value, type, path, takeText)
    case 'null':
      return mismatch(value, type, path)
    default:
      return type satisfies never
  }
}

/**
 * A quick test of whether values conform to a type as they are, so that nothing has to be made of them. What it says no
 * to may conform all the same; `conform` knows.
 */
export function fitting(type: Type): (value: unknown) => boolean {
  const fits = fittingPresent(type)
  return type.nullable ? (value) => value === null || fits(value) : fits
}

function fittingPresent(type: Type): (value: any) => boolean {
  switch (type.kind) {
    case 'string':
      return (value) => typeof value === 'string' && value.isWellFormed()
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'number':
      return type.range === 'any'
        ? (value) => typeof value === 'number' && (value !== 0 || 1 / value > 0)
        : (value) => Number.isFinite(value) && (value !== 0 || 1 / value > 0)
    case 'integer':
    case 'timestamp':
      return type.kind === 'timestamp' && type.unit === 's'
        ? () => false
        : (value) => Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)
    case 'list': {
      const fits = fitting(type.of)
      return (value) => Array.isArray(value) && value.every(fits)
    }
    case 'struct': {
      const fields = type.fields.map((field) => ({ name: field.name, fits: fitting(field.type) }))
      return (value) => {
        // of a plain object what is no own field is a function or undefined, and fits no type
        if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
          return false
        for (let index = 0; index < fields.length; index++) {
          const { name, fits } = fields[index]!
          if (!fits(value[name])) return false
        }
        return true
      }
    }
    case 'null':
      return () => false
    default:
      return type satisfies never
  }
}

// Date.parse takes much more than ISO 8601 ("1", "June"); only a full date, or date and time with a zone, is taken.
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/

function conformTimestamp(value: unknown, unit: 'ms' | 's', path: string): Conformed {
  if (typeof value === 'string') {
    const ms = ISO.test(value) && isDay(value.slice(0, 10)) ? Date.parse(value) : Number.NaN
    return Number.isNaN(ms) ? no(`${name(path)} is ${quote(value)}, not ISO 8601 with a zone`) : yes(ms)
  }
  if (typeof value !== 'number') return no(`${name(path)} is ${quote(value)}, not a timestamp`)
  const ms = unit === 's' ? Math.round(value * 1000) : value
  return Number.isSafeInteger(ms)
    ? yes(ms === 0 ? 0 : ms)
    : no(`${name(path)} is ${value}, not a whole number of milliseconds`)
}

/** Whether a date is in the calendar: Date.parse takes the 30th of February for a day in March. */
function isDay(date: string): boolean {
  const ms = Date.parse(date)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}

const textOf = (text: string | undefined, path: string): Conformed =>
  text === undefined ? no(`${name(path)} holds a lone surrogate`) : yes(text)

function conformList(value: unknown, of: Type, path: string, takeText: TakeText): Conformed {
  if (!Array.isArray(value)) return no(`${name(path)} is ${quote(value)}, not a list`)
  const items: unknown[] = []
  for (let index = 0; index < value.length; index++) {
    const item = conform(value[index], of, '', takeText)
    // the path is spelled out for the one that does not fit only
    if (!item.ok) return conform(value[index], of, `${path}[${index}]`, takeText)
    items.push(item.value)
  }
  return yes(items)
}

function conformStruct(
  value: unknown,
  type: Type & { kind: 'struct' },
  path: string,
  takeText: TakeText,
): Conformed {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, type, path)
  const record: Record<string, unknown> = {}
  for (const field of type.fields) {
    // own: a field named `constructor` or `__proto__` is just a name
    const own = Object.hasOwn(value as object, field.name)
      ? (value as Record<string, unknown>)[field.name]
      : undefined
    const inner = conform(own, field.type, '', takeText)
    if (!inner.ok)
      return conform(own, field.type, path === '' ? field.name : `${path}.${field.name}`, takeText)
    define(record, field.name, inner.value)
  }
  return yes(record)
}

/** Sets a field as an own property whatever its name is. */
export function define(record: Record<string, unknown>, field: string, value: unknown): void {
  if (field === '__proto__')
    Object.defineProperty(record, field, { value, enumerable: true, configurable: true, writable: true })
  else record[field] = value
}

const name = (path: string): string => (path === '' ? 'the record' : path)

const mismatch = (value: unknown, type: Type, path: string): Conformed =>
  no(`${name(path)} is ${quote(value)}, not ${describe({ ...type, nullable: false })}`)

/** A value as text for a reason, short. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
