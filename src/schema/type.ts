/**
 * What flows: the runtime types of records.
 *
 * A `Type` says what values a field may hold, in the same words on every engine. It is plain frozen data: the
 * lambda compiler checks against it, dialects print it, and the reader of input holds records against it.
 *
 * JavaScript side: `string`, `number` (any double), `integer` (a safe integer), `boolean`, `timestamp` (epoch
 * milliseconds, a safe integer), lists and structs of these; each may be nullable. A record is any `Type`, most
 * often a struct; a stream of lines is a stream of `string`.
 */
export type Type = Scalar | ListType | StructType

export type Scalar = StringType | NumberType | IntegerType | BooleanType | TimestampType | NullType

interface Base {
  /** Whether `null` is a value of this type. A missing field of the input is `null`. */
  readonly nullable: boolean
}
export interface StringType extends Base {
  readonly kind: 'string'
}
export interface NumberType extends Base {
  readonly kind: 'number'
  /** Which values can occur; decides which comparisons need a guard in SQL. */
  readonly range: NumberRange
}
export interface IntegerType extends Base {
  readonly kind: 'integer'
}
export interface BooleanType extends Base {
  readonly kind: 'boolean'
}
export interface TimestampType extends Base {
  readonly kind: 'timestamp'
  /** Unit of a number in the input; in memory a timestamp is always epoch milliseconds. */
  readonly unit: 'ms' | 's'
}
/** The type of the literal `null`, before it is joined with another type. */
export interface NullType extends Base {
  readonly kind: 'null'
}
export interface ListType extends Base {
  readonly kind: 'list'
  readonly of: Type
}
export interface StructType extends Base {
  readonly kind: 'struct'
  readonly fields: readonly Field[]
}
export interface Field {
  readonly name: string
  readonly type: Type
}

/** `finite`: neither NaN nor infinite; `infinite`: no NaN; `any`: every double. */
export type NumberRange = 'finite' | 'infinite' | 'any'

export const STRING: StringType = Object.freeze({ kind: 'string', nullable: false })
export const NUMBER: NumberType = Object.freeze({ kind: 'number', nullable: false, range: 'finite' })
export const INTEGER: IntegerType = Object.freeze({ kind: 'integer', nullable: false })
export const BOOLEAN: BooleanType = Object.freeze({ kind: 'boolean', nullable: false })
export const TIMESTAMP: TimestampType = Object.freeze({ kind: 'timestamp', nullable: false, unit: 'ms' })
export const NULL: NullType = Object.freeze({ kind: 'null', nullable: true })

/** A number of the given range. */
export const numberOf = (range: NumberRange): NumberType => ({ ...NUMBER, range })
/** A list of `of`. */
export const listOf = (of: Type): ListType => ({ kind: 'list', nullable: false, of })
/** A struct with these fields, in this order. */
export const structOf = (fields: readonly Field[]): StructType => ({
  kind: 'struct',
  nullable: false,
  fields,
})
/** The same type, with `null` allowed. */
export const nullable = <T extends Type>(type: T): T => (type.nullable ? type : { ...type, nullable: true })
/** The same type, with `null` excluded. */
export const nonNull = <T extends Type>(type: T): T => (type.nullable ? { ...type, nullable: false } : type)

/** Whether values of this type are JavaScript numbers. */
export const isNumeric = (type: Type): type is NumberType | IntegerType | TimestampType =>
  type.kind === 'number' || type.kind === 'integer' || type.kind === 'timestamp'

/** The field of a struct by name, or `undefined`. */
export const fieldOf = (type: StructType, name: string): Field | undefined =>
  type.fields.find((field) => field.name === name)

const RANGES: readonly NumberRange[] = ['finite', 'infinite', 'any']
/** The wider of two ranges. */
export const widest = (a: NumberRange, b: NumberRange): NumberRange =>
  RANGES[Math.max(RANGES.indexOf(a), RANGES.indexOf(b))]!

/** The range of the values of a numeric type. */
export const rangeOf = (type: Type): NumberRange => (type.kind === 'number' ? type.range : 'finite')

/**
 * The least type that holds the values of both, or `undefined` where there is none. Used for the two arms of a
 * conditional, for `union`, and for a reducer's result.
 */
export function join(a: Type, b: Type): Type | undefined {
  const orNull = <T extends Type>(type: T): T => (a.nullable || b.nullable ? nullable(type) : type)
  if (a.kind === 'null') return nullable(b)
  if (b.kind === 'null') return nullable(a)
  if (a.kind === 'list' && b.kind === 'list') {
    const of = join(a.of, b.of)
    return of && orNull(listOf(of))
  }
  if (a.kind === 'struct' && b.kind === 'struct') {
    if (a.fields.length !== b.fields.length) return undefined
    const fields: Field[] = []
    for (const field of a.fields) {
      const other = fieldOf(b, field.name)
      const type = other && join(field.type, other.type)
      if (!type) return undefined
      fields.push({ name: field.name, type })
    }
    return orNull(structOf(fields))
  }
  if (a.kind === b.kind && a.kind !== 'number') return orNull(a.kind === 'timestamp' ? TIMESTAMP : nonNull(a))
  if (isNumeric(a) && isNumeric(b)) return orNull(numberOf(widest(rangeOf(a), rangeOf(b))))
  return undefined
}

/** The type as a user would write it, for messages and `explain`: `{ user: string, ms: number? }`. */
export function describe(type: Type): string {
  const mark = type.nullable && type.kind !== 'null' ? '?' : ''
  switch (type.kind) {
    case 'list':
      return `${describe(type.of)}[]${mark}`
    case 'struct':
      return `{ ${type.fields.map((field) => `${field.name}: ${describe(field.type)}`).join(', ')} }${mark}`
    default:
      return `${type.kind}${mark}`
  }
}
