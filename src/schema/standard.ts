/**
 * Standard Schemas (zod, valibot, arktype ...) where a schema is taken.
 *
 * The fields come from the JSON Schema that the Standard Schema describes itself with (`~standard.jsonSchema`). Its
 * `validate` runs on every record as well, unless its JSON Schema shows that dstreams' own check says the same:
 * only a validator can know of refinements, so it is left out only for vendors whose plain schemas are recognised.
 */
import { DstreamsError, messageOf } from '../errors.ts'
import { conform, define } from './conform.ts'
import { BOOLEAN, INTEGER, listOf, NUMBER, nullable, STRING, structOf, type Type } from './type.ts'

/** The part of the Standard Schema interface that is used; see standardschema.dev. */
export interface StandardSchema<out T = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
    readonly jsonSchema?:
      | { readonly input: (options: { target: 'draft-2020-12' }) => Record<string, unknown> }
      | undefined
  }
}
type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[]
    }

/** Checks or transforms one record that already has the right type; the reason if it does not fit. */
export type Validate = (value: unknown) => { ok: true; value: unknown } | { ok: false; reason: string }

export const isStandard = (like: unknown): like is StandardSchema =>
  (typeof like === 'object' || typeof like === 'function') && like !== null && '~standard' in like

/**
 * The type and the validator of a Standard Schema.
 * @param type the fields, where the schema can't describe them itself
 */
export function fromStandard(
  standard: StandardSchema,
  type?: Type,
): { type: Type; validate: Validate | undefined } {
  const { vendor, jsonSchema } = standard['~standard']
  if (type) return { type, validate: nullOrMissing(validator(standard, type)) }
  if (!jsonSchema)
    throw new DstreamsError('DS_JOB', {
      what: `This ${vendor} schema can't describe its fields (it has no ~standard.jsonSchema).`,
      cure: 'Give the fields beside it: schema({ id: "string" }, standard).',
    })
  const json = describeItself(vendor, jsonSchema)
  const described = read(json, 'the schema')
  if (isPlain(standard)) return { type: described, validate: undefined }
  const validate = validator(standard, described)
  return { type: described, validate: (value) => validate(withoutMissing(value, json)) }
}

/** The JSON Schema of a Standard Schema's input; what it can't describe it throws. */
function describeItself(
  vendor: string,
  jsonSchema: NonNullable<StandardSchema['~standard']['jsonSchema']>,
): Record<string, unknown> {
  try {
    return jsonSchema.input({ target: 'draft-2020-12' })
  } catch (cause) {
    throw new DstreamsError('DS_JOB', {
      what: `This ${vendor} schema can't describe its fields: ${messageOf(cause)}.`,
      cure: 'Use types that JSON has, or give the fields beside it: schema({ id: "string" }, standard).',
      cause,
    })
  }
}

/** What a schema checks of a record; what it makes of it must still have the type that engines count on. */
function validator(standard: StandardSchema, type: Type): Validate {
  return (value) => {
    const result = standard['~standard'].validate(value)
    if (result instanceof Promise)
      throw new DstreamsError('DS_JOB', {
        what: `A ${standard['~standard'].vendor} schema validates asynchronously.`,
        cure: 'Use a schema without async checks; look things up in a step of the job.',
      })
    if (!result.issues) return conform(result.value, type)
    const issue = result.issues[0]
    const path = issue?.path
      ?.map((part) => String(typeof part === 'object' && part && 'key' in part ? part.key : part))
      .join('.')
    return { ok: false, reason: path ? `${path}: ${issue?.message}` : (issue?.message ?? 'not valid') }
  }
}

/** A schema that does not say whether a field may be null or may be missing: a null fits if it fits as either. */
function nullOrMissing(validate: Validate): Validate {
  return (value) => {
    const asNull = validate(value)
    if (asNull.ok) return asNull
    const asMissing = validate(withoutMissing(value, undefined))
    return asMissing.ok ? asMissing : asNull
  }
}

/** A record without the nulls that stand for missing fields: those that its schema does not take for values. */
function withoutMissing(value: unknown, json: Json | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { type, items, properties } = nonNullOf(json)
  if (Array.isArray(value))
    return value.map((item) => withoutMissing(item, type === 'array' ? (items as Json) : undefined))
  const kept: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(value)) {
    const own = (properties as Readonly<Record<string, Json>> | undefined)?.[name]
    if (part !== null || (own && allowsNull(own))) define(kept, name, withoutMissing(part, own))
  }
  return kept
}

type Json = Readonly<Record<string, unknown>>
const choicesOf = (json: Json): readonly Json[] | undefined =>
  (json.anyOf ?? json.oneOf) as readonly Json[] | undefined
const allowsNull = (json: Json): boolean =>
  choicesOf(json)?.some((choice) => choice.type === 'null') ??
  (json.type === 'null' || (Array.isArray(json.type) && json.type.includes('null')))
const nonNullOf = (json: Json | undefined): Json =>
  json ? (choicesOf(json)?.find((choice) => choice.type !== 'null') ?? json) : {}

/** Reads the JSON Schema of a type. What has no counterpart is an error that names the field. */
function read(json: Record<string, unknown>, where: string): Type {
  const choices = (json.anyOf ?? json.oneOf) as Record<string, unknown>[] | undefined
  if (choices) {
    const rest = choices.filter((choice) => choice.type !== 'null')
    if (rest.length === 1 && rest.length < choices.length) return nullable(read(rest[0]!, where))
    throw unsupported(where, 'a union')
  }
  if (json.type === undefined)
    throw unsupported(where, '$ref' in json ? 'shared or recursive ($ref)' : 'without a type')
  const types = Array.isArray(json.type) ? (json.type as string[]) : [json.type as string]
  const rest = types.filter((type) => type !== 'null')
  if (rest.length !== 1) throw unsupported(where, `a union of ${types.join(' and ')}`)
  const type = readOne(rest[0]!, json, where)
  return rest.length < types.length ? nullable(type) : type
}

function readOne(kind: string, json: Record<string, unknown>, where: string): Type {
  switch (kind) {
    case 'string':
      return STRING
    case 'number':
      return NUMBER
    case 'integer':
      return INTEGER
    case 'boolean':
      return BOOLEAN
    case 'array':
      if (typeof json.items !== 'object') throw unsupported(where, 'a list without a type of its items')
      return listOf(read(json.items as Record<string, unknown>, `${where}[]`))
    case 'object': {
      const properties = (json.properties ?? {}) as Record<string, Record<string, unknown>>
      const required = new Set((json.required ?? []) as string[])
      const names = Object.keys(properties)
      if (names.length === 0) throw unsupported(where, 'an object without fields')
      return structOf(
        names.map((name) => {
          const type = read(properties[name]!, name)
          return { name, type: required.has(name) ? type : nullable(type) }
        }),
      )
    }
    default:
      throw unsupported(where, kind)
  }
}

const unsupported = (where: string, what: string): DstreamsError =>
  new DstreamsError('DS_JOB', {
    what: `The Standard Schema of ${where} is ${what}, which has no counterpart here.`,
    cure: 'Use strings, numbers, integers, booleans, lists and objects of these, nullable where needed.',
  })

const PLAIN_ZOD = new Set(['object', 'string', 'number', 'boolean', 'array', 'nullable'])

/**
 * Whether a schema has nothing beyond its types. Only zod's plain schemas are recognised, by the definition they
 * carry; anything else keeps its validator.
 */
function isPlain(standard: unknown): boolean {
  const definition = (standard as { _zod?: { def?: Record<string, unknown> } })._zod?.def
  if (!definition || !PLAIN_ZOD.has(String(definition.type))) return false
  if (Array.isArray(definition.checks) && definition.checks.length > 0) return false
  if (definition.coerce || definition.catchall || definition.format || definition.check) return false
  if (definition.type === 'object') return Object.values(definition.shape as object).every(isPlain)
  if (definition.type === 'array') return isPlain(definition.element)
  if (definition.type === 'nullable') return isPlain(definition.innerType)
  return true
}
