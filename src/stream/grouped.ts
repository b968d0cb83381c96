/** Rows by key: what `groupBy` returns, and how an aggregate becomes a step. */
import { DstreamsError } from '../errors.ts'
import { type Aggregate, type BoundAggregate, bindAggregate, topK } from '../plan/aggregate.ts'
import { type FunctionOptions, readOptions } from '../plan/function-options.ts'
import { type Hoisted, hoist } from '../plan/hoist.ts'
import { bind, checkContext, type Lambda } from '../plan/lambda.ts'
import type { Order } from '../plan/order.ts'
import type { PlanBuilder } from '../plan/plan.ts'
import type { AggregateStep, Flow, GroupKey, SelectStep, Step } from '../plan/step.ts'
import type { Infer, SchemaLike } from '../schema/literal.ts'
import { type Field, type StructType, structOf, type Type } from '../schema/type.ts'
import type { KeyShape, SeriesOf } from './series.ts'

/** The results of a record of aggregates. */
export type Results<A> = { [N in keyof A]: A[N] extends Aggregate<any, infer R> ? R : never }

/** Two object types as one, so that it reads well in an editor. */
export type Flat<T> = { [F in keyof T]: T[F] }

/** Options of groupBy with a value: `returns` is of the key, `value` of what the group takes of a record. */
export interface KeyAndValueOptions extends FunctionOptions {
  readonly value?: SchemaLike
}

/** What a group takes of a record: what the options declare, or what TypeScript infers. */
export type ReturnedValue<G, V> = G extends { readonly value: infer S extends SchemaLike } ? Infer<S> : V

/** The functions of groupBy as they were given. */
interface GroupFunctions {
  readonly key: (row: any, context: any) => unknown
  readonly value: ((row: any, context: any) => unknown) | undefined
  readonly given: KeyAndValueOptions | undefined
}

/** Rows `V` by key `K`. */
export class Grouped<F extends Flow, V, K extends KeyShape> {
  readonly #builder: PlanBuilder
  readonly #step: Step
  readonly #functions: GroupFunctions
  readonly #on: (step: Step) => unknown

  /** @internal */
  constructor(builder: PlanBuilder, step: Step, functions: GroupFunctions, on: (step: Step) => unknown) {
    this.#builder = builder
    this.#step = step
    this.#functions = functions
    this.#on = on
  }

  /**
   * One row per key: the fields of the key and the results of the aggregates. After an arrival window of the
   * window's content, a table; otherwise of the interval, a stream, of which `.running()` is the table over all time.
   * @example .groupBy(e => ({ user: e.user })).aggregate({ n: count(), total: sum(e => e.price) })
   */
  aggregate<A extends { readonly [name: string]: Aggregate<V, unknown> } & NotNamedLike<K>>(
    aggregates: A,
  ): SeriesOf<F, Flat<K & Results<A>>> {
    return this.#add(aggregates, 'struct')
  }

  /**
   * One row per key with the values put together two by two, as the field `value`. The function must be associative;
   * it gets values in the order of interval and position. `(a, b) => a + b` on numbers is the exact sum.
   * @param inverse undoes `merge`; accepted as in the paper's API (DS-21). Windows of sums are computed by subtraction
   *   anyway; for other functions partials are merged again, which gives the same rows.
   * @example .groupBy(e => ({ word: e.word }), e => e.n).reduce((a, b) => a + b)
   */
  reduce(merge: (a: V, b: V) => V, inverse?: (a: V, b: V) => V): SeriesOf<F, Flat<K & { value: V }>> {
    void inverse
    return this.#add({ value: { kind: 'reduce', merge } as Aggregate<V, V> }, 'struct')
  }

  /**
   * The first `n` rows of each key by these orders, as rows of their own with the key's fields kept in `key`.
   * @example sales.groupBy(s => ({ shop: s.shop })).top(3, desc(s => s.price))
   */
  top(n: number, ...orders: readonly [Order<V>, ...Order<V>[]]): SeriesOf<F, Flat<K & { top: V[] }>> {
    return this.#add({ top: topK(n, ...orders) }, 'struct')
  }

  #add(aggregates: { readonly [name: string]: Aggregate<any, unknown> }, shape: AggregateStep['shape']): any {
    const { key, value, given } = this.#functions
    const { type: input, name } = this.#step
    const where = `groupBy after step "${name}"`
    const { value: valueSchema, ...others } = given ?? {}
    const options = { ...readOptions(others, where), outer: this.#builder.outer }
    const lambda = bind(key, [input], options)
    checkContext(lambda, this.#step, where)
    const type = lambda.type
    if (type && (type.kind !== 'struct' || type.nullable))
      throw new DstreamsError('DS_JOB', {
        what: `The key of groupBy after step "${this.#step.name}" is a ${type.kind}.`,
        cure: 'Return an object, so that the key has a name: groupBy(e => ({ user: e.user })).',
      })
    return this.#on(
      addAggregate(this.#builder, this.#step, {
        by: { kind: 'fields', lambda, type },
        value:
          value &&
          bind(value, [input], {
            ...options,
            returns:
              valueSchema === undefined ? undefined : readOptions({ returns: valueSchema }, where).returns,
          }),
        aggregates,
        shape,
      }),
    )
  }
}

/** An aggregate named like a field of the key would hide it: a type error. */
type NotNamedLike<K> = { readonly [N in keyof K]?: never }

interface AggregateParts {
  readonly by: GroupKey
  readonly value: Lambda | undefined
  readonly aggregates: { readonly [name: string]: Aggregate<any, unknown> }
  readonly shape: AggregateStep['shape']
}

/** Adds an aggregate step: binds its lambdas and infers its type and key. */
export function addAggregate(
  builder: PlanBuilder,
  parent: Step,
  { by, value, aggregates, shape }: AggregateParts,
): Step {
  const input = value ? value.type : parent.type
  const bound = Object.entries(aggregates).map(([name, aggregate]) =>
    bindAggregate(
      name,
      aggregate,
      input,
      `Aggregate "${name}" after step "${parent.name}" of job ${builder.job}`,
      builder.outer,
    ),
  )
  const keyFields = by.kind === 'fields' && by.type?.kind === 'struct' ? by.type.fields : []
  for (const { name } of keyFields)
    if (Object.hasOwn(aggregates, name))
      throw new DstreamsError('DS_JOB', {
        what: `The aggregate "${name}" after step "${parent.name}" has the name of a field of the key.`,
        cure: 'Give the aggregate another name.',
      })
  const row = { type: rowType(parent, by, bound, shape), key: keyOf(parent, by), shape, flow: parent.flow }
  const functions = { input: parent.type, by, value, aggregates: bound }
  const hoisted = hoist(functions)
  const before = hoisted ? addExtend(builder, parent, hoisted) : parent
  return builder.add<AggregateStep>({
    kind: 'aggregate',
    parents: [before.id],
    ...row,
    by: (hoisted ?? functions).by,
    value: (hoisted ?? functions).value,
    aggregates: (hoisted ?? functions).aggregates,
  })
}

/** The select that calls an aggregate's functions record by record. */
const addExtend = (builder: PlanBuilder, parent: Step, { operation }: Hoisted): SelectStep =>
  builder.add<SelectStep>({
    kind: 'select',
    flow: parent.flow,
    parents: [parent.id],
    type: operation.type,
    key: undefined,
    operations: [operation],
    output: 'records',
  })

function rowType(
  parent: Step,
  by: GroupKey,
  aggregates: readonly BoundAggregate[],
  shape: AggregateStep['shape'],
): Type | undefined {
  if (shape === 'key') return parent.type
  if (shape === 'result') return aggregates[0]!.result
  const results: Field[] = []
  for (const { name, result } of aggregates) {
    if (!result) return undefined
    results.push({ name, type: result })
  }
  if (by.kind === 'none') return structOf(results)
  const key = by.kind === 'fields' ? by.type : parent.type
  return key?.kind === 'struct' ? structOf([...(key as StructType).fields, ...results]) : undefined
}

/** The key of the rows: the group's fields; of `distinct` all fields; of a single row, none at all. */
function keyOf(parent: Step, by: GroupKey): readonly string[] | undefined {
  switch (by.kind) {
    case 'none':
      return []
    case 'record':
      return parent.type?.kind === 'struct' ? parent.type.fields.map((field) => field.name) : undefined
    case 'fields':
      return by.type?.kind === 'struct' ? by.type.fields.map((field) => field.name) : undefined
  }
}
