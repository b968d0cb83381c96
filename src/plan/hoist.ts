/**
 * Functions of an aggregate that run as JavaScript, moved into a select before it.
 *
 * A function that fails leaves its record out, and a select is where records can be left out. So keys and values that
 * are not compiled are computed record by record first, beside the record itself:
 *
 *   groupBy(js).aggregate({ n: count(), total: sum(js2) })
 *   = extend { record, key: js, f0: js2 }  then  groupBy(x => x.key).aggregate({ n: count(), total: sum(x => x.f0) })
 */
import { substitute } from '../expression/substitute.ts'
import type { Expression } from '../expression/tree.ts'
import { canonical } from '../schema/order.ts'
import { type Field, type StructType, structOf, type Type } from '../schema/type.ts'
import type { BoundAggregate } from './aggregate.ts'
import { derived, type Lambda } from './lambda.ts'
import type { ExtendOperation, GroupKey } from './step.ts'

/** The functions of an aggregate over records of type `input`. */
export interface AggregateFunctions {
  readonly input: Type | undefined
  readonly by: GroupKey
  readonly value: Lambda | undefined
  readonly aggregates: readonly BoundAggregate[]
}

/** The select to put before the aggregate, and the aggregate's functions over its rows. */
export interface Hoisted extends AggregateFunctions {
  readonly operation: ExtendOperation
}

const runsAsJavaScript = (lambda: Lambda | undefined): lambda is Lambda =>
  lambda !== undefined && !lambda.compiled.ok

/** Moves functions that are not compiled before the aggregate; `undefined` where all are. */
export function hoist({ input, by, value, aggregates }: AggregateFunctions): Hoisted | undefined {
  const fields: { name: string; role: string; lambda: Lambda }[] = []
  const add = (name: string, role: string, lambda: Lambda): void => {
    fields.push({ name, role, lambda })
  }
  if (by.kind === 'fields' && runsAsJavaScript(by.lambda)) add('key', 'groupBy', by.lambda)
  if (runsAsJavaScript(value)) add('value', 'value', value)
  aggregates.forEach((aggregate, index) => {
    if (runsAsJavaScript(aggregate.value))
      add(`f${index}`, `${aggregate.name}: ${aggregate.kind}`, ofRecord(aggregate.value, value, input))
  })
  if (fields.length === 0) return undefined
  const type = extendedType(input, fields)
  const field = (name: string): Lambda => fieldOf(type, name)
  const isMoved = (name: string): boolean => fields.some((each) => each.name === name)
  return {
    operation: { kind: 'extend', fields, type },
    input: type,
    by:
      by.kind !== 'fields' ? by : { ...by, lambda: isMoved('key') ? field('key') : rebased(by.lambda, type) },
    value: isMoved('value') ? field('value') : value ? rebased(value, type) : field('record'),
    aggregates: aggregates.map((aggregate, index) =>
      isMoved(`f${index}`) ? { ...aggregate, value: field(`f${index}`), ofRecord: true } : aggregate,
    ),
  }
}

function extendedType(
  input: Type | undefined,
  fields: readonly { readonly name: string; readonly lambda: Lambda }[],
): StructType | undefined {
  const all: Field[] = []
  for (const { name, type } of [
    { name: 'record', type: input },
    ...fields.map(({ name, lambda }) => ({ name, type: lambda.type })),
  ]) {
    if (!type) return undefined
    all.push({ name, type })
  }
  return structOf(all)
}

const inputOf = (type: Type): Expression => ({ kind: 'input', index: 0, type })

function propertyOf(type: StructType | undefined, name: string): Expression | undefined {
  const field = type?.fields.find((each) => each.name === name)
  return type && field && { kind: 'property', of: inputOf(type), name, type: field.type }
}

/** A function that reads one field. */
const fieldOf = (type: StructType | undefined, name: string): Lambda =>
  derived((row) => row[name], type, propertyOf(type, name))

/** A compiled function of the record, as one of the extended record. */
function rebased(lambda: Lambda, type: StructType | undefined): Lambda {
  const record = propertyOf(type, 'record')
  const fn = (row: any, context?: unknown): unknown => lambda.fn(row.record, context)
  if (!lambda.compiled.ok || !record)
    return { ...derived(fn, type, undefined), context: lambda.context, params: lambda.params }
  const { body, guard } = lambda.compiled
  return {
    ...lambda,
    fn,
    compiled: {
      ok: true,
      body: substitute(body, record),
      ...(guard && { guard: substitute(guard, record) }),
    },
    inputs: [type],
    uses: [new Set(['record'])],
  }
}

/** A function of the group's value, as one of the record. */
function ofRecord(lambda: Lambda, value: Lambda | undefined, input: Type | undefined): Lambda {
  if (!value) return lambda
  return {
    ...lambda,
    fn: (record, context) => lambda.fn(canonical(value.fn(record, context), value.type), context),
    inputs: [input],
    uses: value.uses,
    context: new Set([...lambda.context, ...value.context]),
    params: { ...value.params, ...lambda.params },
  }
}
