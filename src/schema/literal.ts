/**
 * Schemas as users write them, and what TypeScript infers from them.
 *
 * ```ts
 * { user: 'string', ms: 'number', n: 'integer?', at: 'timestamp', tags: 'string[]', items: [{ sku: 'string' }] }
 * ```
 * A trailing `?` makes a field nullable (a missing field is null), `[]` makes a list, a nested object is a struct,
 * `[{...}]` a list of structs. A record that is not a struct has a scalar schema: `'string'`. `nullable({...})`
 * makes a struct or list nullable. Any Standard Schema that can describe its fields is taken as well (standard.ts).
 */
import { DstreamsError } from '../errors.ts'
import { fromStandard, isStandard, type StandardSchema, type Validate } from './standard.ts'
import {
  BOOLEAN,
  INTEGER,
  listOf,
  NUMBER,
  nullable as orNull,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
} from './type.ts'

interface Scalars {
  string: string
  number: number
  integer: number
  boolean: boolean
  timestamp: number
  'timestamp(s)': number
}
type ScalarName = keyof Scalars

/** A field as text: a scalar's name, then `?` for nullable and `[]` for a list. */
export type FieldText =
  | `${ScalarName}${'' | '?'}`
  | `${ScalarName}[]${'' | '?'}`
  | `${ScalarName}?[]${'' | '?'}`
  | `${ScalarName}[][]`

/** A schema as a literal. */
export type SchemaLiteral =
  | FieldText
  | { readonly [field: string]: SchemaLiteral | Schema<any> }
  | readonly [SchemaLiteral | Schema<any>]

/** A schema made by `schema(...)` or `nullable(...)`. */
export interface Schema<out T = unknown> {
  readonly type: Type
  readonly validate: Validate | undefined
  /** Never set; carries `T` for inference. */
  readonly infers?: T
  readonly [MADE]: true
}
const MADE: unique symbol = Symbol.for('dstreams.schema')

/** Everything that is accepted where a schema is: a literal, a `Schema`, or a Standard Schema. */
export type SchemaLike = SchemaLiteral | Schema<any> | StandardSchema<any>

/** The TypeScript type of the records of a schema. */
export type Infer<S> =
  S extends Schema<infer T>
    ? T
    : S extends StandardSchema<infer T>
      ? T
      : S extends string
        ? InferText<S>
        : InferShape<S>

type InferText<S extends string> = S extends `${infer Item}[]?`
  ? InferText<Item>[] | null
  : S extends `${infer Item}[]`
    ? InferText<Item>[]
    : S extends `${infer Item}?`
      ? InferText<Item> | null
      : S extends ScalarName
        ? Scalars[S]
        : never
type InferShape<S> = S extends readonly [infer Item]
  ? Infer<Item>[]
  : { -readonly [F in keyof S]: Infer<S[F]> }

const SCALARS: Record<ScalarName, Type> = {
  string: STRING,
  number: NUMBER,
  integer: INTEGER,
  boolean: BOOLEAN,
  timestamp: TIMESTAMP,
  'timestamp(s)': { ...TIMESTAMP, unit: 's' },
}

/**
 * Makes a schema value, for a name of its own, or to give a Standard Schema that can't describe itself its fields.
 * @param fields what the records hold
 * @param standard a Standard Schema whose `validate` runs on every record as well
 * @example
 * const order = schema({ id: 'string', total: 'number' })
 * const checked = schema({ id: 'string' }, v.object({ id: v.pipe(v.string(), v.uuid()) }))
 */
export function schema<const S extends SchemaLike>(
  fields: S,
  standard?: StandardSchema<any>,
): Schema<Infer<S>> {
  const resolved = resolveSchema(fields)
  const validate = standard === undefined ? resolved.validate : fromStandard(standard, resolved.type).validate
  return Object.freeze({ type: resolved.type, validate, [MADE]: true as const })
}

/** The same schema with `null` allowed: for structs and lists inside a schema. */
export function nullable<const S extends SchemaLike>(fields: S): Schema<Infer<S> | null> {
  const { type, validate } = resolveSchema(fields)
  const orNullToo: Validate | undefined =
    validate && ((value) => (value === null ? { ok: true, value } : validate(value)))
  return Object.freeze({ type: orNull(type), validate: orNullToo, [MADE]: true as const })
}

/** The type of a schema, and what has to run on each record beyond it. */
export function resolveSchema(like: SchemaLike): {
  readonly type: Type
  readonly validate: Validate | undefined
} {
  if (isSchema(like)) return like
  if (isStandard(like)) return fromStandard(like)
  return { type: read(like, 'the schema'), validate: undefined }
}

/** The type of the records of a schema. */
export const typeOf = (like: SchemaLike): Type => resolveSchema(like).type

const isSchema = (like: unknown): like is Schema => typeof like === 'object' && like !== null && MADE in like

function read(literal: unknown, where: string): Type {
  if (typeof literal === 'string') return readText(literal, where)
  if (isSchema(literal) || isStandard(literal)) return readInner(literal, where)
  if (Array.isArray(literal)) {
    if (literal.length !== 1)
      throw invalid(
        where,
        `a list of ${literal.length} items`,
        'A list has one item, the schema of its elements: [{ sku: "string" }].',
      )
    return listOf(read(literal[0], `${where}[]`))
  }
  if (typeof literal === 'object' && literal !== null) {
    const names = Object.keys(literal)
    if (names.length === 0) throw invalid(where, 'an object without fields', 'Name at least one field.')
    return structOf(
      names.map((name) => ({ name, type: read((literal as Record<string, unknown>)[name], name) })),
    )
  }
  throw invalid(
    where,
    String(literal),
    'Write a type name such as "string", an object, or a list with one item.',
  )
}

/** A schema inside a literal: its fields only, so it must not have more to say. */
function readInner(inner: Schema | StandardSchema, where: string): Type {
  const { type, validate } = resolveSchema(inner)
  if (validate)
    throw new DstreamsError('DS_JOB', {
      what: `The schema of ${where} has a validator of its own, but a validator runs on whole records.`,
      cure: 'Write the fields here, and give one Standard Schema for the record: schema({ ... }, standard).',
    })
  return type
}

function readText(text: string, where: string): Type {
  if (text.endsWith('?')) return orNull(readText(text.slice(0, -1), where))
  if (text.endsWith('[]')) return listOf(readText(text.slice(0, -2), where))
  if (Object.hasOwn(SCALARS, text)) return SCALARS[text as ScalarName]
  throw invalid(
    where,
    `"${text}"`,
    `The types are ${Object.keys(SCALARS).join(', ')}; add ? for nullable, [] for a list.`,
  )
}

const invalid = (where: string, value: string, cure: string): DstreamsError =>
  new DstreamsError('DS_JOB', { what: `The type of ${where} is ${value}, which is no type.`, cure })
