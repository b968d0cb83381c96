import type { Type } from './type.ts'

/**
 * The total order of values, the same on every engine; what `top`, `sortBy`, `min`, `max` and ties use.
 *
 * Numbers by value with NaN above all, `-0` equal to `0`; strings by code point (the order of their UTF-8 bytes, not
 * of UTF-16 units as JavaScript's `<`); false before true; lists and structs part by part; null after everything.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1
  if (b === null || b === undefined) return -1
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (typeof a === 'object' && typeof b === 'object') return compareParts(Object.values(a), Object.values(b))
  return compareStrings(typeof a, typeof b)
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return a < b ? -1 : a > b ? 1 : 0
}

function compareParts(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const order = compareValues(a[index], b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const SURROGATE = /[\uD800-\uDFFF]/

/** By code point. Without surrogates that is the order of the UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0
  const left = Array.from(a)
  const right = Array.from(b)
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const order = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!
    if (order !== 0) return order
  }
  return left.length - right.length
}

/**
 * A text that two values share exactly if they are the same key: what a group by puts together. NaN is one key,
 * `-0` and `0` are one key, null is a key.
 */
export function keyText(value: unknown): string {
  if (value === null || value === undefined) return 'n'
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '0' : String(value)
    case 'string':
      return JSON.stringify(value)
    case 'boolean':
      return value ? 't' : 'f'
    default:
      if (Array.isArray(value)) return `[${value.map(keyText).join()}]`
      return `{${Object.entries(value as object)
        .map(([name, part]) => `${JSON.stringify(name)}:${keyText(part)}`)
        .join()}}`
  }
}

/** The same value, with U+FFFD for half of a surrogate pair: no text outside of JavaScript holds one. */
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wellFormed(part)]))
}

/**
 * The value that stands for all that are the same one: `-0` becomes 0, `undefined` null, half of a surrogate pair
 * U+FFFD, and the fields of a struct are in the order of its type, where that is known. No dataset holds anything else,
 * since columnar storage keeps neither `-0` apart from 0 nor one order of fields apart from another, and its texts are
 * UTF-8.
 */
export function canonical(value: unknown, type?: Type): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (value === undefined) return null
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const of = type?.kind === 'list' ? type.of : undefined
    return value.map((item) => canonical(item, of))
  }
  if (type?.kind !== 'struct')
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, canonical(part)]))
  const record = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    type.fields.map((field) => [
      field.name,
      canonical(Object.hasOwn(record, field.name) ? record[field.name] : undefined, field.type),
    ]),
  )
}
